import { readFileSync } from 'node:fs'

/** How many files this process, and so each of its children, may open: Node raises its limit to the hard one. Unlimited where that cannot be told. */
export function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Infinity : Number(soft)
  } catch {
    return Infinity
  }
}
