/**
 * Loaded before a program of a test: SIGUSR2 sets its clock ahead by twenty years, and the next one back again. Each says so
 * in the log, so that a test knows when it has happened.
 */
const TWENTY_YEARS_MS = 20 * 365 * 86_400_000
const RealDate = Date
let aheadMs = 0

globalThis.Date = class extends RealDate {
  constructor(...values: readonly unknown[]) {
    if (values.length === 0) super(RealDate.now() + aheadMs)
    else super(...(values as [number]))
  }

  static override now(): number {
    return RealDate.now() + aheadMs
  }
} as DateConstructor

process.on('SIGUSR2', () => {
  aheadMs = aheadMs === 0 ? TWENTY_YEARS_MS : 0
  const msg = aheadMs === 0 ? 'the clock is right' : 'the clock is ahead'
  process.stdout.write(`${JSON.stringify({ level: 'info', msg })}\n`)
})
