import colors from 'picocolors'

/** Tells how far a run is, on standard error. */
export interface Progress {
  /** A line that stays. */
  say(text: string): void
  /** A line that replaces itself on a terminal, and is left out elsewhere. */
  show(text: string): void
}

const clearLine = '\r\u001b[2K'

/** Makes the teller of a run that began at `start` of `performance.now()`. */
export function createProgress(start: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  const stamp = (): string => colors.dim(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`)
  const live = stream.isTTY
  return {
    say: (text) => void stream.write(`${live ? clearLine : ''}${stamp()}  ${text}\n`),
    show: (text) => void (live && stream.write(`${clearLine}${stamp()}  ${colors.dim(text)}`)),
  }
}

/** Says nothing. */
export const silent: Progress = { say: () => {}, show: () => {} }
