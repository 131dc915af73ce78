import { isSameBytes } from './is-same-bytes.ts'
import type { PlainCertificate } from './read-plain-certificate.ts'
import { expectPlain } from './undecided.ts'

/**
 * The path from the leaf to an authority, when the chain is one already: each certificate was issued by the next, the last by an
 * authority, which may be sent too. Signatures and times are not looked at.
 *
 * No name comes up twice in the chain, and of several issuers with one name, as roots have while they are rotated, exactly one has
 * the key identifier. So there is no other path that `verifySvid` could take.
 *
 * @throws Undecided
 */
export function findPlainPath(
  chain: readonly PlainCertificate[],
  authorities: readonly PlainCertificate[],
): readonly PlainCertificate[] {
  const isAuthoritySent = authorities.some(({ der }) => isSameBytes(der, chain.at(-1)?.der))
  const sent = isAuthoritySent ? chain.slice(0, -1) : chain
  const issuers = [...authorities, ...sent.slice(1)]
  const path = [...sent]
  for (const [at, child] of sent.entries()) {
    const issuer = issuerOf(child, issuers)
    const isAuthority = authorities.includes(issuer)
    expectPlain(at + 1 < sent.length ? issuer === sent[at + 1] : isAuthority)
    expectPlain(sent.every((other) => other === child || !isSameBytes(other.subject, child.subject)))
    expectPlain(maySign(issuer, isAuthority) && at <= issuer.pathLength)
    path[at + 1] = issuer
  }
  return path
}

function issuerOf(child: PlainCertificate, issuers: readonly PlainCertificate[]): PlainCertificate {
  const named = issuers.filter(({ subject }) => isSameBytes(subject, child.issuer))
  const isMeant = ({ subjectKeyIdentifier: id }: PlainCertificate): boolean =>
    isSameBytes(id, child.authorityKeyIdentifier)
  const [issuer, ...others] = named.length < 2 ? named : named.filter(isMeant)
  expectPlain(issuer !== undefined && others.length === 0)
  return issuer
}

/** Bit 5 of the key usage. */
const KEY_CERT_SIGN = 1 << 5

/** Whether a certificate is that of a CA; an authority may lack key usage, because somebody declared it (X509-14, X509-19). */
export function maySign({ isCa, usages }: PlainCertificate, isAuthority: boolean): boolean {
  return isCa && ((usages & KEY_CERT_SIGN) !== 0 || (isAuthority && usages === 0))
}
