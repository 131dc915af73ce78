import {
  keyIdentifier,
  nobleVerifier,
  type ProvenKey,
  type RandomSource,
  type Signer,
  type Verifier,
} from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import { checkKeyPair } from './check-key-pair.ts'
import { encodeName, encodeTbsCertificate } from '../codec.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import { intermediateTemplate, type IntermediateTemplateOptions } from './intermediate-template.ts'
import { isSameBytes } from '../is-same-bytes.ts'
import { authorityKeyIdentifierOf } from './leaf-assembly.ts'
import { parseCertificate } from '../parse/parse-certificate.ts'
import { publicKeyOf } from './public-key-of.ts'
import { createSerialNumbers } from './serial-number.ts'
import { signCertificate } from './sign-certificate.ts'
import { createTrustAnchors } from '../path/trust-anchors.ts'
import { validityPolicy, validityWindow, type ValidityOptions } from './validity-window.ts'
import { verifyChain } from '../path/verify-chain.ts'
import { DEFAULT_CA_LIFETIME_MS } from '../limits.ts'

/** Options of {@link createIntermediateCertificate}; durations are in milliseconds. */
export interface CreateIntermediateCertificateOptions extends IntermediateTemplateOptions, ValidityOptions {
  /** The CA above: its certificate first, then what leads up to the root, which is taken as trusted; and its private key. */
  readonly issuer: { readonly chain: readonly Certificate[]; readonly signer: Signer }
  /** The new CA's key, whose possession was shown; the one of its signer, or of a verified CSR. */
  readonly key: ProvenKey
  /** 1 to 64 characters. */
  readonly commonName: string
  readonly now: Date
  /** For the serial number; the platform's `crypto.getRandomValues` by default. */
  readonly random?: RandomSource | undefined
  /** Checks the signatures of the chain and the new one; `nobleVerifier` by default, which does not know RSA. */
  readonly verifier?: Verifier | undefined
}

/**
 * Creates the certificate of a CA below another, such as the issuer of a mesh below its root.
 *
 * It lives for `lifetimeMs` (8760 h by default), cut to every certificate of the chain above. It is verified up to the last certificate
 * of that chain before it is returned.
 *
 * @throws CertificateError `CERT_COMMON_NAME_INVALID`, `CERT_LIFETIME_INVALID`, `CERT_ISSUER_EXPIRING`, `CERT_KEY_MISMATCH`,
 *   `CERT_PATH_LENGTH_EXCEEDED`, `CERT_SIGNING_FAILED`, the other codes of `createTrustAnchors` and `verifyChain`
 * @throws TypeError, RangeError for arguments that types already refuse
 * @see RFC 5280 section 4.2.1, SPIFFE ISS-4, X509-9 to X509-12; Linkerd Q14, Q23
 */
export async function createIntermediateCertificate(
  options: CreateIntermediateCertificateOptions,
): Promise<Certificate> {
  const { issuer, now, verifier = nobleVerifier } = options
  const template = intermediateTemplate(options.commonName, options)
  const publicKey = publicKeyOf(options.key)
  const policy = validityPolicy(options, DEFAULT_CA_LIFETIME_MS)
  const trustAnchors = createTrustAnchors(issuer.chain.slice(-1))
  const above = verifyChain({ chain: issuer.chain, trustAnchors, now, purpose: 'issuer' }, { verifier })
  checkKeyPair(above.certificate, issuer.signer)
  checkOtherName(options.commonName, above.certificate)
  const tbs = encodeTbsCertificate({
    template,
    ...validityWindow(now, policy, above),
    serialNumber: createSerialNumbers(options.random)(),
    signatureAlgorithm: issuer.signer.signatureAlgorithm,
    issuer: above.certificate.subject.bytes,
    spki: publicKey.spki,
    subjectKeyIdentifier: keyIdentifier(publicKey),
    authorityKeyIdentifier: authorityKeyIdentifierOf(above.certificate),
    dnsNames: [],
    uris: template.trustDomain === undefined ? [] : [template.trustDomain.id.toString()],
  })
  const certificate = parseCertificate(await signCertificate(tbs, issuer.signer))
  verifyChain({ chain: [certificate, ...above.path], trustAnchors, now, purpose: 'issuer' }, { verifier })
  return certificate
}

/** A CA with the name of its issuer would not count against path lengths (RFC 5280 section 6.1.4 (l)), and confuses those who build paths. */
function checkOtherName(commonName: string, issuer: Certificate): void {
  if (!isSameBytes(encodeName(commonName), issuer.subject.bytes)) return
  const name = describeCertificate(issuer)
  throw new CertificateError(
    'CERT_COMMON_NAME_INVALID',
    `common name: expected another than the issuer's, found ${name}`,
    {
      detail: evidenceOf(issuer),
    },
  )
}
