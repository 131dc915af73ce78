import { Counter, Gauge, type Registry } from 'prom-client'

/** What is read from a mount again and again. */
export type ReloadSource = 'issuer' | 'trust-anchors'

/** Is told what became of each reload. */
export type ReloadObserver = (source: ReloadSource, outcome: 'accepted' | 'refused') => void

/** Counts reloads, and keeps when each outcome was seen last. */
export function countReloads(registry: Registry, clock: { now(): Date }): ReloadObserver {
  const labelNames = ['source', 'outcome']
  const total = new Counter({
    name: 'identity_reloads_total',
    help: 'How often the issuer or the trust anchors were read anew, the first time included, by outcome',
    labelNames,
    registers: [registry],
  })
  const last = new Gauge({
    name: 'identity_last_reload_timestamp_seconds',
    help: 'When the issuer or the trust anchors were last accepted or refused; 0 for never',
    labelNames,
    registers: [registry],
  })
  for (const source of ['issuer', 'trust-anchors']) {
    for (const outcome of ['accepted', 'refused']) {
      total.inc({ source, outcome }, 0)
      last.set({ source, outcome }, 0)
    }
  }
  return (source, outcome) => {
    total.inc({ source, outcome })
    last.set({ source, outcome }, clock.now().getTime() / 1000)
  }
}
