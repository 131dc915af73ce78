import {
  watchMount,
  type DirectoryListener,
  type MountEvent,
  type MountSnapshot,
  type MountWatch,
  type ParsedMountOptions,
} from '@meshid/mounts'
import { onTestFinished } from 'vitest'

/** Longer than anything here takes; only a broken watch reaches it. */
const DEADLINE_MS = 20_000

type EventOf<Type extends MountEvent['type']> = Extract<MountEvent, { type: Type }>

/** Collects what an observer is told and hands it out in order. */
export interface EventLog {
  readonly observer: (event: MountEvent) => void
  readonly all: readonly MountEvent[]
  /** The next event of this type that was not handed out yet; rejects at a deadline. */
  next<Type extends MountEvent['type']>(type: Type): Promise<EventOf<Type>>
}

export function createEventLog(): EventLog {
  const all: MountEvent[] = []
  const read = new Map<string, number>()
  let wake = (): void => {}
  const find = <Type extends MountEvent['type']>(type: Type): EventOf<Type> | undefined => {
    const found = all.filter((event): event is EventOf<Type> => event.type === type)[read.get(type) ?? 0]
    if (found !== undefined) read.set(type, (read.get(type) ?? 0) + 1)
    return found
  }
  return {
    all,
    observer: (event) => {
      all.push(event)
      wake()
    },
    async next(type) {
      for (;;) {
        const found = find(type)
        if (found !== undefined) return found
        await within(new Promise<void>((resolve) => (wake = resolve)), `event ${type}, found ${JSON.stringify(all)}`)
      }
    },
  }
}

/** Waits for the promise, but not for ever. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let cancel = (): void => {}
  const deadline = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`expected ${what}`)), DEADLINE_MS)
    cancel = () => clearTimeout(timer)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    cancel()
  }
}

/** A watch whose polls happen only when the test says so. */
export interface WatchRig<T> {
  readonly watch: MountWatch<T>
  readonly log: EventLog
  /** Lets the poll interval pass, and waits for the look that follows. */
  readonly poll: () => Promise<void>
  /** How many timers are set. */
  readonly timers: () => number
  /** What the platform's watch would tell, when the rig was made with `deaf`. */
  readonly listeners: DirectoryListener[]
}

export type WatchRigOptions<T> = Partial<ParsedMountOptions<T>> & {
  readonly files: readonly string[]
  /** No events of the platform: what the test does with `listeners` is all that comes. */
  readonly deaf?: boolean
}

/** Ends the watch when the test does. */
export function createWatchRig<T = MountSnapshot>(directory: string, options: WatchRigOptions<T>): WatchRig<T> {
  const log = createEventLog()
  const timers = new Set<() => void>()
  const listeners: DirectoryListener[] = []
  const { deaf = false, ...rest } = options
  const watch = watchMount<T>(directory, {
    clock: {
      setTimer(_delayMs, callback) {
        timers.add(callback)
        return () => timers.delete(callback)
      },
    },
    observer: log.observer,
    parse: (snapshot) => snapshot as T,
    ...(deaf && {
      watchDirectory: (_directory: string, listener: DirectoryListener) => {
        listeners.push(listener)
        return () => {}
      },
    }),
    ...rest,
  })
  onTestFinished(() => watch[Symbol.asyncDispose]())
  const poll = async (): Promise<void> => {
    const due = [...timers]
    timers.clear()
    for (const callback of due) callback()
    await within(watch.check(), 'the look to end')
  }
  return { watch, log, poll, timers: () => timers.size, listeners }
}
