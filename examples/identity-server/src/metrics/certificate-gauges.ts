import { type Certificate, fingerprint, type Issuer, type TrustAnchors } from '@meshid/certificate'
import { Gauge, type Registry } from 'prom-client'

/** The certificates that this server lives by, as they are at the moment of a scrape. */
export interface CertificatesInUse {
  readonly issuer: () => Issuer | undefined
  readonly trustAnchors: () => TrustAnchors | undefined
}

/** Enough of a SHA-256 to tell one certificate from the next, in hexadecimal digits. */
const FINGERPRINT_DIGITS = 16

/** Absolute times beside Linkerd's remaining seconds: a time needs no scrape interval to be exact (Q33). */
export function addCertificateGauges(
  registry: Registry,
  options: { readonly certificates: CertificatesInUse; readonly clock: { now(): Date } },
): void {
  const { issuer, trustAnchors } = options.certificates
  const registers = [registry]
  const labelNames = ['subject', 'fingerprint']
  void new Gauge({
    name: 'issuer_cert_ttl_seconds',
    help: 'The remaining seconds until the issuer certificate expires',
    registers,
    collect() {
      const notAfterMs = issuer()?.notAfter.getTime() ?? 0
      this.set(Math.max(0, (notAfterMs - options.clock.now().getTime()) / 1000))
    },
  })
  void new Gauge({
    name: 'issuer_cert_not_after_timestamp_seconds',
    help: 'When the issuer in use, or a CA above it, expires',
    labelNames,
    registers,
    collect() {
      this.reset()
      const current = issuer()
      if (current !== undefined) this.set(labelsOf(current.certificate), current.notAfter.getTime() / 1000)
    },
  })
  void new Gauge({
    name: 'trust_anchor_not_after_timestamp_seconds',
    help: 'When each trust anchor in use expires',
    labelNames,
    registers,
    collect() {
      this.reset()
      for (const anchor of trustAnchors()?.certificates ?? []) {
        this.set(labelsOf(anchor), anchor.notAfter.getTime() / 1000)
      }
    },
  })
}

function labelsOf(certificate: Certificate): { readonly subject: string; readonly fingerprint: string } {
  return {
    subject: certificate.subject.commonName ?? '',
    fingerprint: fingerprint(certificate).slice(0, FINGERPRINT_DIGITS),
  }
}
