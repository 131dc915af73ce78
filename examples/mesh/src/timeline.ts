import pc from 'picocolors'

/** Where the demo tells its story: readable lines, or one JSON object a line. */
export interface Timeline {
  chapter(number: number, title: string): void
  event(who: string, what: string, fields?: Readonly<Record<string, unknown>>): void
  /** A line that replaces itself on a terminal; left out elsewhere. */
  progress(text: string): void
}

const clearLine = '\r\u001b[2K'

/** Creates the timeline; `json` writes objects with `at` in milliseconds since the start. */
export function createTimeline({ json, start }: { readonly json: boolean; readonly start: number }): Timeline {
  const live = !json && process.stdout.isTTY
  const elapsedMs = (): number => Math.round(performance.now() - start)
  const print = (line: string): void => void process.stdout.write(`${live ? clearLine : ''}${line}\n`)
  if (json) {
    return {
      chapter: (number, title) => print(JSON.stringify({ at: elapsedMs(), chapter: number, title })),
      event: (who, what, fields) => print(JSON.stringify({ at: elapsedMs(), who, what, ...fields })),
      progress: () => undefined,
    }
  }
  return {
    chapter: (number, title) => print(`\n${pc.bold(`${number} · ${title}`)}`),
    event: (who, what) =>
      print(`${pc.dim(`${(elapsedMs() / 1000).toFixed(1).padStart(6)} s`)}  ${pc.cyan(who.padEnd(10))} ${what}`),
    progress: (text) => void (live && process.stdout.write(`${clearLine}${pc.dim(text)}`)),
  }
}
