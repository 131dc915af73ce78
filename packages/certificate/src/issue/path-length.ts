/** Longest path length that a template takes; real hierarchies have one or two levels. */
export const MAX_PATH_LENGTH = 16

/** Returns the number if it may be a path length constraint. @throws RangeError */
export function checkPathLength(pathLength: number): number {
  if (Number.isInteger(pathLength) && pathLength >= 0 && pathLength <= MAX_PATH_LENGTH) return pathLength
  throw new RangeError(`path length: expected 0 to ${MAX_PATH_LENGTH}, found ${pathLength}`)
}
