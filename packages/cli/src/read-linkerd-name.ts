import { type LinkerdName, parseLinkerdName, parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'

/** What a name may not say itself. Where it does, both must agree. */
export interface MeshOptions {
  readonly trustDomain?: TrustDomain | undefined
  readonly controlNamespace?: string | undefined
}

/** What stands between the account and the control plane in Linkerd's names. */
const MARKER = '.serviceaccount.identity.'

/** Whether a text looks like a Linkerd name. */
export function isLikeLinkerdName(text: string): boolean {
  return text.includes(MARKER)
}

/**
 * Reads a Linkerd name. Unless the options say which mesh it belongs to, the name itself does: a label for the control plane's
 * namespace, then the trust domain.
 *
 * @throws SpiffeIdError when the text is malformed, or belongs to another mesh than the options say
 */
export function readLinkerdName(text: string, options: MeshOptions): LinkerdName {
  const [controlNamespace = '', ...domain] = text.slice(text.indexOf(MARKER) + MARKER.length).split('.')
  return parseLinkerdName(text, {
    controlNamespace: options.controlNamespace ?? controlNamespace,
    trustDomain: options.trustDomain ?? parseTrustDomain(domain.join('.')),
  })
}
