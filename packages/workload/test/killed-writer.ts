import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * A program that is killed, as `kill -9` does, just before the n-th change of the file system that the replacement of a key
 * makes: `node killed-writer.ts <directory> <name> <n>`. Says how many there are if there are fewer.
 */
const [directory = '', name = '', point = '0'] = process.argv.slice(2)
const state = { isArmed: false, count: 0 }

for (const change of ['open', 'rename', 'rm', 'unlink', 'writeFile'] as const) {
  const original = fs.promises[change] as (...values: unknown[]) => Promise<unknown>
  Object.assign(fs.promises, {
    async [change](...values: unknown[]): Promise<unknown> {
      if (!state.isArmed || (state.count += 1) !== Number(point)) return original(...values)
      process.kill(process.pid, 'SIGKILL')
      return new Promise(() => {}) // The signal comes first.
    },
  })
}
syncBuiltinESMExports()

const { openEndEntityDirectory, parseWorkloadName, prepareKeyMaterial } = await import('@meshid/workload')
const opened = await openEndEntityDirectory(directory)
state.isArmed = true
await prepareKeyMaterial(opened, { name: parseWorkloadName(name), renew: true })
process.stdout.write(String(state.count))
