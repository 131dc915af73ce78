import { createInterface } from 'node:readline'

/** What a server answers to a line, by that line. */
export type LineAnswers = Readonly<Record<string, () => unknown>>

/**
 * The other end of `startChildServer`: says the port, and answers lines until standard input ends. `cpu` it answers by itself.
 */
export function answerLines(port: number, answers: LineAnswers): void {
  const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
  const cpu = (): unknown => {
    const { user, system } = process.cpuUsage()
    return { microseconds: user + system }
  }
  const all: LineAnswers = { cpu, ...answers }
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => void Promise.resolve(all[line]?.()).then((value) => say(value ?? {})))
  lines.on('close', () => process.exit())
  say({ port })
}
