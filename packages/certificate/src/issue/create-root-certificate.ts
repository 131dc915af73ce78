import { keyIdentifier, nobleVerifier, type RandomSource, type Signer, type Verifier } from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import { encodeName, encodeTbsCertificate } from '../codec.ts'
import { parseCertificate } from '../parse/parse-certificate.ts'
import { publicKeyOf } from './public-key-of.ts'
import { rootTemplate, type RootTemplateOptions } from './root-template.ts'
import { createSerialNumbers } from './serial-number.ts'
import { signCertificate } from './sign-certificate.ts'
import { validityPolicy, validityWindow, type ValidityOptions } from './validity-window.ts'
import { verifyCertificateSignature } from '../path/verify-certificate-signature.ts'
import { DEFAULT_CA_LIFETIME_MS } from '../limits.ts'

/** Options of {@link createRootCertificate}; durations are in milliseconds. */
export interface CreateRootCertificateOptions extends RootTemplateOptions, Omit<ValidityOptions, 'minRemainingMs'> {
  /** Holds the root's own key. */
  readonly signer: Signer
  /** 1 to 64 characters. */
  readonly commonName: string
  readonly now: Date
  /** For the serial number; the platform's `crypto.getRandomValues` by default. */
  readonly random?: RandomSource | undefined
  /** Checks the signature that the signer made; `nobleVerifier` by default, which does not know RSA. */
  readonly verifier?: Verifier | undefined
}

/**
 * Creates a self-signed root certificate. That it is trusted is said elsewhere, by `createTrustAnchors` of those who choose to.
 *
 * @throws CertificateError `CERT_COMMON_NAME_INVALID`, `CERT_LIFETIME_INVALID`, `CERT_SIGNING_FAILED`, `CERT_SIGNATURE_INVALID`,
 *   `CERT_UNSUPPORTED_ALGORITHM`
 * @throws RangeError for an invalid date or path length
 * @see RFC 5280 section 4.2.1, SPIFFE ISS-4, X509-9, X509-10
 */
export async function createRootCertificate(options: CreateRootCertificateOptions): Promise<Certificate> {
  const { signer, commonName, now, random, verifier = nobleVerifier } = options
  const template = rootTemplate(commonName, options)
  const publicKey = publicKeyOf(signer.key)
  const policy = validityPolicy(options, DEFAULT_CA_LIFETIME_MS)
  const tbs = encodeTbsCertificate({
    template,
    ...validityWindow(now, policy),
    serialNumber: createSerialNumbers(random)(),
    signatureAlgorithm: signer.signatureAlgorithm,
    issuer: encodeName(commonName),
    spki: publicKey.spki,
    subjectKeyIdentifier: keyIdentifier(publicKey),
    authorityKeyIdentifier: undefined,
    dnsNames: [],
    uris: template.trustDomain === undefined ? [] : [template.trustDomain.id.toString()],
  })
  const certificate = parseCertificate(await signCertificate(tbs, signer))
  verifyCertificateSignature(certificate, certificate, verifier)
  return certificate
}
