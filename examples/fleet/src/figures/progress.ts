import colors from 'picocolors'

/** Tells how far a run is, on standard error. */
export interface Progress {
  /** A line that stays. */
  say(text: string): void
  /** A line that replaces itself on a terminal; elsewhere one of them stays every few seconds. */
  show(text: string): void
}

const clearLine = '\r\u001b[2K'

/** How often a line that would replace itself is printed where nothing can be replaced. */
const PLAIN_EVERY_MS = 5000

/** Makes the teller of a run that began at `start` of `performance.now()`. */
export function createProgress(start: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  const live = stream.isTTY
  let shownAt = start
  const stamp = (now: number): string => colors.dim(`${((now - start) / 1000).toFixed(1).padStart(6)} s`)
  return {
    say: (text) => void stream.write(`${live ? clearLine : ''}${stamp(performance.now())}  ${text}\n`),
    show(text) {
      const now = performance.now()
      if (!live && now - shownAt < PLAIN_EVERY_MS) return
      shownAt = now
      stream.write(`${live ? clearLine : ''}${stamp(now)}  ${colors.dim(text)}${live ? '' : '\n'}`)
    },
  }
}
