import { describeCertificate } from '../describe-certificate.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import { distance, instantText } from './explain-times.ts'
import { keyIdentifierOf } from './explained-certificate.ts'
import type { Advice, Finding } from './finding.ts'

/** CERT_EXPIRED: of the one in question, or of a CA on the way. */
export function expiredAdvice({ at, now }: Finding): Advice | undefined {
  const notAfter = at?.subject.notAfter
  if (at === undefined || notAfter === undefined) return undefined
  const name = describeCertificate(at.subject)
  const clock = `or correct this clock if it is not ${instantText(now)}`
  const fix =
    at.role === 'target'
      ? `Issue ${name} anew, and look why it was not renewed in time; ${clock}.`
      : `Have the CA ${name} renewed by whoever issued it (with the same key, what is below it stays good); ${clock}.`
  return { what: `${name} expired ${distance(now, notAfter)} ago, at ${instantText(notAfter)}.`, fix }
}

/** CERT_NOT_YET_VALID and CERT_ANCHOR_NOT_YET_VALID. */
export function notYetValidAdvice({ at, now }: Finding): Advice | undefined {
  const notBefore = at?.subject.notBefore
  if (at === undefined || notBefore === undefined) return undefined
  const name = describeCertificate(at.subject)
  const gap = distance(notBefore, now)
  const what = `${name} begins in ${gap}, at ${instantText(notBefore)}; this clock says ${instantText(now)}.`
  const wait = `wait until ${instantText(notBefore)}`
  return { what, fix: `Correct this clock if it is behind, or that of the issuer if it is ${gap} ahead; else ${wait}.` }
}

/** CERT_ANCHOR_EXPIRED: also says which anchor is still good. */
export function expiredAnchorAdvice({ at, anchors, now }: Finding): Advice | undefined {
  const notAfter = at?.subject.notAfter
  if (at === undefined || notAfter === undefined) return undefined
  const name = called(at.subject)
  const what = `The trust anchor ${name} expired ${distance(now, notAfter)} ago, at ${instantText(notAfter)}; with it, all below it.`
  const good = anchors.find((anchor) => isValidAt(anchor, now))
  const fix =
    good === undefined
      ? `Put the successor of ${describeCertificate(at.subject)} into every trust bundle, and issue from that one.`
      : `Issue from ${called(good)}, which the bundle has and which is valid, and take the expired one out.`
  return { what, fix }
}

function isValidAt({ notBefore, notAfter }: TrustAnchor, now: Date): boolean {
  return (notBefore === undefined || notBefore <= now) && (notAfter === undefined || now <= notAfter)
}

/** A CA with the key by which it is known. */
export function called(anchor: TrustAnchor): string {
  return `${describeCertificate(anchor)} (key id ${keyIdentifierOf(anchor)})`
}
