import type { EventEmitter } from 'node:events'

/**
 * Stands between an event and everybody who listens to it, now or later: whether and when they hear of it is for `handle`
 * to decide, by calling `deliver`. A listener could not do that, because it cannot keep others from hearing.
 *
 * Only for emitters of our own making: it takes the place of their `emit`.
 */
export function interceptEvent(
  emitter: EventEmitter,
  name: string,
  handle: (deliver: () => void, value: unknown) => void,
): void {
  const emit = emitter.emit.bind(emitter)
  const value = (event: string, ...values: unknown[]): boolean => {
    if (event !== name) return emit(event, ...values)
    handle(() => void emit(event, ...values), values[0])
    return true
  }
  Object.defineProperty(emitter, 'emit', { value, configurable: true, writable: true })
}
