/** The numbers that an option may be, both ends included. */
export interface OptionRange {
  readonly from: number
  readonly to: number
}

/** @throws RangeError when a count, or a duration in milliseconds, is not a whole number of its range */
export function checkWhole(name: string, value: number, { from, to }: OptionRange): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return
  throw new RangeError(`${name}: expected an integer from ${from} to ${to}, found ${value}`)
}
