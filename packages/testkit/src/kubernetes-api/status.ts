import type { ApiAnswer } from './request.ts'

/** What a Kubernetes `Status` object of a failure says. */
export interface StatusFailure {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly details?: object
}

/** An answer that is a failure, in the API server's own form. */
export function statusFailure({ code, reason, message, details }: StatusFailure): ApiAnswer {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code }
  return { status: code, body }
}

/** A field of a JSON body that nobody has checked yet. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = (current as Readonly<Record<string, unknown>>)[name]
  }
  return current
}

/** A string in a JSON body; anything else counts as absent. */
export function textField(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** A list of strings in a JSON body; anything else counts as empty. */
export function stringList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
