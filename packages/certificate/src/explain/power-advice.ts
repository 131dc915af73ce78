import { describeCertificate, shorten } from '../describe-certificate.ts'
import { Certificate } from '../parse/certificate.ts'
import { requiredUsages } from '../path/check-extended-key-usage.ts'
import type { Advice, Finding } from './finding.ts'

/** CERT_NOT_A_CA: of a leaf that signed, of an anchor, or of what was asked about as an issuer. */
export function notCaAdvice({ error, at, chain }: Finding): Advice {
  const name = text(error.detail['certificate'])
  const found = text(error.detail['found'])
  const child = at?.below.at(-1)
  if (at === undefined) {
    return {
      what: `The trust anchor ${name} is no CA (${found}).`,
      fix: `Take ${name} out of the trust bundle and put the CA that issued it there: only CAs may be anchors.`,
    }
  }
  if (child === undefined) {
    const ca = chain.find((certificate) => certificate.basicConstraints?.ca === true)
    const first = ca === undefined ? '' : `; ${describeCertificate(ca)} in the chain is one`
    return { what: `${name} is no CA (${found}), so it can be no issuer.`, fix: `Ask about a CA certificate${first}.` }
  }
  return {
    what: `${describeCertificate(child)} was issued by ${name}, which is no CA (${found}).`,
    fix: `Issue ${describeCertificate(child)} from a CA: basic constraints CA:TRUE, key usage keyCertSign. A leaf may not sign.`,
  }
}

/** CERT_NO_KEY_CERT_SIGN. */
export function noKeyCertSignAdvice({ error }: Finding): Advice {
  const name = text(error.detail['certificate'])
  return {
    what: `The CA ${name} may not sign certificates: ${text(error.detail['found'])}.`,
    fix: `Issue ${name} anew with key usage keyCertSign.`,
  }
}

/** CERT_LEAF_IS_CA: perhaps the leaf stands further back. */
export function leafIsCaAdvice({ error, chain }: Finding): Advice {
  const name = text(error.detail['certificate'])
  const place = chain.findIndex(({ basicConstraints }) => basicConstraints?.ca !== true)
  const leaf = chain[place]
  return {
    what: `${name} is a CA certificate (CA:TRUE), and stands where a leaf belongs.`,
    fix:
      leaf === undefined
        ? `Send a leaf that ${name} issued, with a key of its own, before it; to judge the CA itself, ask for purpose issuer.`
        : `Put ${describeCertificate(leaf)} first: it is a leaf, and now the ${ordinal(place)} of the chain.`,
  }
}

/** CERT_LEAF_CAN_SIGN and CERT_KEY_USAGE_MISMATCH. */
export function leafUsageAdvice({ error }: Finding): Advice {
  const name = text(error.detail['certificate'])
  return error.code === 'CERT_LEAF_CAN_SIGN'
    ? { what: `The leaf ${name} may sign certificates.`, fix: `Issue ${name} anew without key usage keyCertSign.` }
    : {
        what: `The key usage of ${name} lacks digitalSignature, which TLS needs.`,
        fix: `Issue ${name} anew with key usage digitalSignature.`,
      }
}

/** CERT_EXTENDED_KEY_USAGE_MISMATCH: on a CA it binds all below. */
export function extendedKeyUsageAdvice({ error, at, purpose }: Finding): Advice {
  const name = text(error.detail['certificate'])
  const expected = requiredUsages[purpose].join(' and ')
  return {
    what: `The extended key usage of ${name} is ${text(error.detail['found'])}; as ${purpose} it needs ${expected}.`,
    fix:
      at?.role === 'target'
        ? `Issue ${name} anew with extended key usage serverAuth and clientAuth: workloads are on both sides.`
        : `Issue the CA ${name} anew without extended key usage, or with ${expected}: it binds everything below.`,
  }
}

/** CERT_PATH_LENGTH_EXCEEDED: by the CA's own word, or by our limit. */
export function pathLengthAdvice({ error, at }: Finding): Advice | undefined {
  if (!(at?.subject instanceof Certificate)) return undefined
  const name = describeCertificate(at.subject)
  const { limit, found } = error.detail
  if (at.subject.basicConstraints?.pathLength !== limit) {
    const what = `The path has ${text(found)} intermediates at ${name}, and ${text(limit)} are allowed here.`
    return { what, fix: 'Issue with fewer CAs between the leaf and the anchor.' }
  }
  const child = at.below.find(({ basicConstraints }) => basicConstraints?.ca === true)
  const from = child === undefined ? '' : `, or issue directly from ${name}, without ${describeCertificate(child)}`
  return {
    what: `${name} allows ${text(limit)} CAs below it (path length), and there are ${text(found)}.`,
    fix: `Have ${name} issued with a path length of ${text(found)} or none${from}.`,
  }
}

/** CERT_NAME_EXCLUDED and CERT_NAME_NOT_PERMITTED. */
export function nameAdvice({ error }: Finding): Advice {
  const { certificate, issuer, kind, found, constraints } = error.detail
  const isExcluded = error.code === 'CERT_NAME_EXCLUDED'
  const rule = `${isExcluded ? 'excludes' : 'permits only'} ${text(constraints)}`
  return {
    what: `${text(certificate)} has the ${text(kind)} name ${text(found)}; the CA ${text(issuer)} ${rule}.`,
    fix: isExcluded
      ? `Issue ${text(certificate)} from a CA that does not exclude that name, or without the name.`
      : `Issue ${text(certificate)} from a CA that permits that name, or with a name that ${text(issuer)} permits.`,
  }
}

/** CERT_UNKNOWN_CRITICAL_EXTENSION. */
export function criticalExtensionAdvice({ error }: Finding): Advice {
  const name = text(error.detail['certificate'])
  const found = text(error.detail['found'])
  return {
    what: `${name} has a critical extension that is not understood here: ${found}.`,
    fix: `Issue ${name} anew without ${found}, or with it not critical.`,
  }
}

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']

function ordinal(index: number): string {
  return ordinals[index] ?? `${index + 1}th`
}

/** A value of a detail in a sentence. */
function text(value: string | number | boolean | readonly string[] | undefined): string {
  return shorten(typeof value === 'object' ? value.join(', ') : String(value))
}
