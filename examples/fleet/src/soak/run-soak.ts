import { join } from 'node:path'
import type { Progress } from '../figures/progress.ts'
import { diffHeaps, type HeapDiff, readHeapSnapshot } from './heap-snapshot.ts'
import { type MemoryGrowth, memoryGrowth } from './memory-growth.ts'
import type { MemoryUse } from './memory-probe.ts'
import type { SoakSubject } from './soak-subject.ts'

/** Options of {@link runSoak}. */
export interface SoakOptions {
  /** That count; those to warm up come before. */
  readonly requests: number
  readonly warmUp: number
  /** Where snapshots are written. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** The memory after so many requests. */
export interface SoakSample extends MemoryUse {
  readonly requests: number
}

/** What a soak was. */
export interface SoakResult {
  readonly requests: number
  readonly totalMs: number
  readonly samples: readonly SoakSample[]
  readonly rss: MemoryGrowth
  readonly heapUsed: MemoryGrowth
  /** What is alive, before the first and after the last request that counts. */
  readonly heap: HeapDiff
}

/** How often memory is looked at, at equal distances. */
const SAMPLES = 200

/**
 * Keeps a process busy and looks at its memory. The snapshot of the beginning is of another process that was warmed up in the same way,
 * because writing one takes more memory than the server has, and leaves it resident: growth would hide in it.
 */
export async function runSoak(
  start: () => Promise<SoakSubject>,
  { requests, warmUp, folder, signal }: SoakOptions,
  progress: Progress,
): Promise<SoakResult> {
  const files = [join(folder, 'before.heapsnapshot'), join(folder, 'after.heapsnapshot')] as const
  const begin = async (): Promise<SoakSubject> => {
    const subject = await start()
    progress.say(`a request of each proxy, and ${warmUp} more to warm up`)
    await subject.each()
    await subject.more(warmUp)
    signal.throwIfAborted()
    return subject
  }
  {
    await using twin = await begin()
    await twin.snapshot(files[0])
    progress.say('a heap snapshot of the beginning; the same again without one')
  }
  await using subject = await begin()
  const begun = performance.now()
  const samples = await sampleMemory(subject, { requests, signal }, progress)
  const totalMs = performance.now() - begun
  await subject.snapshot(files[1])
  const heap = diffHeaps(await readHeapSnapshot(files[0]), await readHeapSnapshot(files[1]))
  const growthOf = (pick: (sample: SoakSample) => number): MemoryGrowth =>
    memoryGrowth(samples.map((sample) => ({ requests: sample.requests, bytes: pick(sample) })))
  return {
    requests,
    totalMs,
    samples,
    rss: growthOf(({ rssBytes }) => rssBytes),
    heapUsed: growthOf(({ heapUsedBytes }) => heapUsedBytes),
    heap,
  }
}

/** Lets the requests come, and looks at the memory between them. */
async function sampleMemory(
  subject: SoakSubject,
  { requests, signal }: Pick<SoakOptions, 'requests' | 'signal'>,
  progress: Progress,
): Promise<readonly SoakSample[]> {
  const samples: SoakSample[] = []
  for (let sample = 1, done = 0; sample <= SAMPLES; sample++) {
    const until = Math.round((requests * sample) / SAMPLES)
    await subject.more(until - done)
    signal.throwIfAborted()
    done = until
    samples.push({ requests: done, ...(await subject.memory()) })
    progress.show(`${done} of ${requests} requests, ${Math.round((samples.at(-1)?.rssBytes ?? 0) / 2 ** 20)} MiB`)
  }
  return samples
}
