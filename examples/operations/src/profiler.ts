import { Session } from 'node:inspector/promises'

/** The longest CPU profile, in seconds. */
export const MAX_PROFILE_SECONDS = 300

/** Profiles of this process, as Chrome's DevTools and VS Code open them. They hold names of functions and files, no values. */
export interface Profiler {
  /** A CPU profile of the next seconds, JSON of a `.cpuprofile`; `undefined` while another one is being taken. */
  cpu(seconds: number): Promise<string | undefined>
  /** What was allocated since the profiler was made and is still in use, sampled: JSON of a `.heapprofile`. */
  heap(): Promise<string>
  close(): void
}

/** Makes a profiler, which samples allocations from now on: a cost that is paid only where profiles are wanted. */
export async function createProfiler(): Promise<Profiler> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('HeapProfiler.enable')
  await session.post('HeapProfiler.startSampling')
  let endSleep: (() => void) | undefined
  return {
    async cpu(seconds) {
      if (endSleep !== undefined) return undefined
      let timer: NodeJS.Timeout | undefined
      const sleeping = new Promise<void>((resolve) => {
        endSleep = resolve
        timer = setTimeout(resolve, seconds * 1000)
      })
      try {
        await session.post('Profiler.start')
        await sleeping
        const { profile } = await session.post('Profiler.stop')
        return JSON.stringify(profile)
      } finally {
        clearTimeout(timer)
        endSleep = undefined
      }
    },
    async heap() {
      const { profile } = await session.post('HeapProfiler.getSamplingProfile')
      return JSON.stringify(profile)
    },
    close() {
      endSleep?.()
      session.disconnect()
    },
  }
}
