import { AsyncLocalStorage } from 'node:async_hooks'
import { type Logger, redactTokens } from '@meshid/example-operations'
import type { Registry } from 'prom-client'
import { codedText, codeOf } from '../coded-text.ts'
import { countAuditLines } from '../metrics/count-audit-lines.ts'
import { appendLines } from './append-lines.ts'
import { type Audit, noAudit } from './audit.ts'
import { type AuditFields, auditFields } from './audit-fields.ts'

export interface AuditOptions {
  readonly clock: { now(): Date }
  readonly log: Logger
  readonly metrics: { readonly registry: Registry }
}

/**
 * Opens the audit log, if there is to be one: a line of JSON for each certificate that was issued, and for each refusal. No
 * request waits for it: what cannot be written is dropped, counted, and told in the next line that can be.
 *
 * @throws what the system says when the file cannot be opened
 */
export async function startAudit(path: string | undefined, { clock, log, metrics }: AuditOptions): Promise<Audit> {
  if (path === undefined) return noAudit
  const peers = new AsyncLocalStorage<string>()
  const time = (): string => clock.now().toISOString()
  const onEnd = countAuditLines(metrics.registry)
  let isFailing = false
  const file = await appendLines(path, {
    onEnd(outcome, lines) {
      if (outcome === 'written') isFailing = false
      onEnd(outcome, lines)
    },
    onError(error) {
      if (!isFailing) log.error({ code: codeOf(error) }, `could not write the audit log: ${codedText(error)}`)
      isFailing = true
    },
    gap: (lines) => lineOf({ time: time(), decision: 'dropped', lines: String(lines) }),
  })
  const reopen = (): void => file.reopen()
  process.on('SIGHUP', reopen)
  return {
    observers: [
      (event) => {
        if (event.type !== 'issued' && event.type !== 'refused') return
        file.append(lineOf(auditFields(event, { time: clock.now(), peer: peers.getStore() })))
      },
    ],
    during: (peer, work) => peers.run(peer, work),
    async close() {
      process.off('SIGHUP', reopen)
      await file.close()
    },
  }
}

const lineOf = (fields: AuditFields): string => redactTokens(JSON.stringify(fields))
