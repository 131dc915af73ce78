import { type Profiler, Session } from 'node:inspector/promises'
import type { LineAnswers } from '../src/answer-lines.ts'

/** How often the profiler looks, in microseconds. */
const INTERVAL_US = 200

/** Time that a function took itself, those that it called left out. */
export interface SelfTime {
  readonly name: string
  readonly microseconds: number
}

const waiting: readonly string[] = ['(idle)', '(root)']

/** Names a node of the profile by its function and file; what is built into Node has no file. */
function nameOf({ functionName, url }: Profiler.ProfileNode['callFrame']): string {
  const file = url.replace(/^.*\/(?=(?:packages|node_modules\/@?[^/]+)\/)/, '').replace(/^node_modules\//, '')
  return file === '' ? functionName : `${functionName || '(anonymous)'} ${file}`
}

function selfTimesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): readonly SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '(root)'
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return [...times]
    .filter(([name]) => !waiting.includes(name))
    .map(([name, microseconds]) => ({ name, microseconds }))
    .toSorted((one, other) => other.microseconds - one.microseconds)
}

/** The lines `profile`, which begins a CPU profile of this process, and `profiled`, which ends it and gives the busy time by function. */
export function profileCalls(): LineAnswers {
  const session = new Session()
  return {
    async profile() {
      session.connect()
      await session.post('Profiler.enable')
      await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US })
      await session.post('Profiler.start')
      return {}
    },
    async profiled() {
      const { profile } = await session.post('Profiler.stop')
      session.disconnect()
      return { selfTimes: selfTimesOf(profile) }
    },
  }
}
