import { CertificateError, certificateErrorCodes } from '@meshid/certificate'
import { CsrError, csrErrorCodes } from '@meshid/csr'
import { DerError, derErrorCodes } from '@meshid/der'
import { KeysError, keysErrorCodes } from '@meshid/keys'
import { MountsError, mountsErrorCodes } from '@meshid/mounts'
import { SpiffeIdError, spiffeIdErrorCodes } from '@meshid/spiffe-id'
import { TrustBundleError, trustBundleErrorCodes } from '@meshid/trust-bundle'
import { WorkloadError, workloadErrorCodes } from '@meshid/workload'
import { CliError, cliErrorCodes } from './errors.ts'
import { printable } from './print.ts'
import { RefusedFile } from './refused-file.ts'

/** The errors of our packages: refusals of what is bad or stale, or an environment that says no. */
const refusals = [
  CertificateError,
  CliError,
  CsrError,
  DerError,
  KeysError,
  MountsError,
  SpiffeIdError,
  TrustBundleError,
  WorkloadError,
] as const

type Refusal = InstanceType<(typeof refusals)[number]>

const nextSteps: Readonly<Record<Refusal['code'], string>> = {
  ...certificateErrorCodes,
  ...cliErrorCodes,
  ...csrErrorCodes,
  ...derErrorCodes,
  ...keysErrorCodes,
  ...mountsErrorCodes,
  ...spiffeIdErrorCodes,
  ...trustBundleErrorCodes,
  ...workloadErrorCodes,
}

/** What a refusal says, for people and programs. */
export interface ErrorExplanation {
  readonly code: string
  /** What was expected and found; begins with the path when it is about a file. */
  readonly message: string
  /** Safe facts, as the package gives them. */
  readonly detail: Readonly<Record<string, unknown>>
  /** The refusal below this one, if there is one. */
  readonly because?: ErrorExplanation
  /** The sentence of the package's error table. */
  readonly next: string
}

/** Explains a refusal; `undefined` for anything else, which is a fault of this program. */
export function explainError(error: unknown): ErrorExplanation | undefined {
  if (error instanceof RefusedFile) {
    const inside = explainError(error.cause)
    return inside && { ...inside, message: `${error.path}: ${inside.message}` }
  }
  if (!isRefusal(error)) return undefined
  const { code } = error
  const message = error.message.startsWith(`${code}: `) ? error.message.slice(code.length + 2) : error.message
  const because = explainError(error.cause)
  return { code, message, detail: { ...error.detail }, ...(because ? { because } : {}), next: nextSteps[code] }
}

function isRefusal(error: unknown): error is Refusal {
  return refusals.some((refusal) => error instanceof refusal)
}

/** A refusal for people: what was refused, the evidence and the cause as far as the message leaves them out, what to do next. */
export function formatExplanation({ code, message, detail, because, next }: ErrorExplanation): string {
  const evidence = Object.entries(detail)
    .map(([name, value]) => [name, String(value)] as const)
    .filter(([, value]) => !message.includes(value))
  const lines = [`meshid: ${code}: ${message}`]
  if (evidence.length > 0) lines.push(`  evidence: ${evidence.map((entry) => entry.join(' ')).join(', ')}`)
  if (because && !message.includes(because.message)) lines.push(`  because: ${because.code}: ${because.message}`)
  if (!message.includes(next)) lines.push(`  next: ${next}`)
  return lines.map((line) => `${printable(line)}\n`).join('')
}
