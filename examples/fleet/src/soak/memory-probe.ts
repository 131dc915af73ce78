import { writeHeapSnapshot } from 'node:v8'

/** What a process has in memory. */
export interface MemoryUse {
  readonly rssBytes: number
  readonly heapUsedBytes: number
}

/** What a process is asked for whose memory is watched; it answers with what it has in memory. */
export type ProbeQuestion =
  | { readonly ask: 'memory' }
  /** To write a heap snapshot into a file; it stands still meanwhile, and collects before. */
  | { readonly ask: 'snapshot'; readonly file: string }

/** Answers, for this process. */
export function answerProbe(question: ProbeQuestion): MemoryUse {
  if (question.ask === 'snapshot') writeHeapSnapshot(question.file)
  const { rss, heapUsed } = process.memoryUsage()
  return { rssBytes: rss, heapUsedBytes: heapUsed }
}
