import type { WorkloadIdentity } from '@meshid/certificate'
import { matchId, parseSpiffeId, type SpiffeId } from '@meshid/spiffe-id'
import { CliError } from './errors.ts'
import { isLikeLinkerdName, type MeshOptions, readLinkerdName } from './read-linkerd-name.ts'

/** Whether a text looks like a SPIFFE ID. */
export function isLikeSpiffeId(text: string): boolean {
  return /^spiffe:/i.test(text)
}

/** Whether a text looks like the name of a workload, and not just like any common name. */
export function isLikeWorkloadName(text: string): boolean {
  return isLikeSpiffeId(text) || isLikeLinkerdName(text)
}

/**
 * Reads whom a leaf is to name: one SPIFFE ID (X509-1), one Linkerd name, or one of each; the same one twice counts once.
 *
 * @throws SpiffeIdError when a name is malformed, or belongs to another mesh than the options say
 * @throws CliError CLI_ID_UNRECOGNIZED, CLI_USAGE
 */
export function readWorkloadIdentity(texts: readonly string[], options: MeshOptions): WorkloadIdentity {
  const unlike = texts.find((text) => !isLikeWorkloadName(text))
  if (unlike !== undefined) throw unrecognized(unlike)
  const distinct = [...new Set(texts)]
  const spiffeId = onlyOf('SPIFFE ID', distinct.filter(isLikeSpiffeId), (text) => readSpiffeId(text, options))
  const others = distinct.filter((text) => !isLikeSpiffeId(text))
  const dnsName = onlyOf('Linkerd name', others, (text) => readLinkerdName(text, options))
  if (spiffeId !== undefined) return { spiffeId, dnsName }
  if (dnsName !== undefined) return { dnsName }
  throw new CliError('CLI_USAGE', 'leaf: expected a SPIFFE ID or a Linkerd name as subject or --san, found neither')
}

function readSpiffeId(text: string, { trustDomain }: MeshOptions): SpiffeId {
  const id = parseSpiffeId(text)
  if (trustDomain !== undefined) matchId.memberOf(trustDomain)(id)
  return id
}

function onlyOf<Name>(kind: string, texts: readonly string[], read: (text: string) => Name): Name | undefined {
  const [text, ...others] = texts
  if (others.length > 0) throw new CliError('CLI_USAGE', `leaf: expected one ${kind}, found ${texts.length}`)
  return text === undefined ? undefined : read(text)
}

function unrecognized(text: string): CliError {
  const expected = 'a SPIFFE ID or a Linkerd name'
  const found = `another text of ${text.length} characters`
  return new CliError('CLI_ID_UNRECOGNIZED', `--san: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}
