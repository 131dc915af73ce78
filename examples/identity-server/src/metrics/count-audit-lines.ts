import { Counter, type Registry } from 'prom-client'
import type { AppendLinesOptions } from '../audit/append-lines.ts'

/** Counts the lines of the audit log. */
export function countAuditLines(registry: Registry): AppendLinesOptions['onEnd'] {
  const lines = new Counter({
    name: 'identity_audit_lines_total',
    help: 'Lines of the audit log, by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  })
  for (const outcome of ['written', 'dropped']) lines.inc({ outcome }, 0)
  return (outcome, count) => lines.inc({ outcome }, count)
}
