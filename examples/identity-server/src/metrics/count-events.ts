import { Counter, Gauge, type Registry } from 'prom-client'
import { type EventOutcome, eventOutcomes } from '../events/event-outcome.ts'

/** Counts what becomes of Kubernetes events. */
export interface EventCounts {
  readonly ended: (outcome: EventOutcome, count: number) => void
  readonly waiting: (count: number) => void
}

/** Makes the counts of events, each from zero. */
export function countEvents(registry: Registry): EventCounts {
  const total = new Counter({
    name: 'identity_events_total',
    help: 'Events for the Kubernetes API, by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const waiting = new Gauge({
    name: 'identity_event_queue_depth',
    help: 'Events that wait to be posted to the Kubernetes API',
    registers: [registry],
  })
  for (const outcome of eventOutcomes) total.inc({ outcome }, 0)
  return {
    ended: (outcome, count) => total.inc({ outcome }, count),
    waiting: (count) => waiting.set(count),
  }
}
