import {
  type Certificate,
  type ChainPurpose,
  createTrustAnchors,
  fingerprint,
  verifyChain,
  type VerifiedChain,
} from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { type Command, Option } from 'commander'
import { explainError } from '../explain-error.ts'
import { parseInstant } from '../instant.ts'
import type { CliIo } from '../io.ts'
import { formatInstant, note, printFacts, printJson } from '../print.ts'
import { readCertificates } from '../read-certificates.ts'

interface CertificateVerifyOptions {
  readonly trustAnchors: string
  readonly purpose: ChainPurpose
  readonly at?: Date
  readonly json?: true
}

const purposes: readonly ChainPurpose[] = ['leaf', 'leaf-client', 'leaf-server', 'issuer']

/** Adds `meshid certificate verify`. */
export function addCertificateVerify(certificate: Command, io: CliIo): void {
  certificate
    .command('verify')
    .description('verify that the first certificate of a file leads to a trust anchor and may be used for a purpose')
    .argument('<file>', 'the certificate, then intermediates in any order (PEM), or one certificate as DER')
    .requiredOption('--trust-anchors <file>', 'the CA certificates that are trusted (PEM or DER)')
    .addOption(new Option('--purpose <purpose>', 'what it is to be used for').choices(purposes).default('leaf'))
    .option('--at <instant>', 'judge times at this instant instead of now', parseInstant)
    .option('--json', 'print JSON, also when verification fails')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid certificate verify issuer.crt --trust-anchors ca.crt --purpose issuer
  $ meshid certificate verify chain.pem --trust-anchors ca.crt --purpose leaf-server
  $ meshid certificate verify chain.pem --trust-anchors ca.crt --at 2026-12-31T00:00:00Z

Checked: times, names, basic constraints, path lengths, key usages, critical extensions and signatures, up to the anchor.
Not checked: whether the name is the one that you expect, and revocation.`,
    )
    .action((file: string, options: CertificateVerifyOptions) => runCertificateVerify(file, options, io))
}

async function runCertificateVerify(file: string, options: CertificateVerifyOptions, io: CliIo): Promise<void> {
  const { purpose, at: now = io.now() } = options
  try {
    const { certificates: chain } = await readCertificates(file, io)
    const trustAnchors = createTrustAnchors((await readCertificates(options.trustAnchors, io)).certificates)
    const verified = verifyChain({ chain, trustAnchors, now, purpose }, { verifier: nodeVerifier })
    if (options.json === true) printJson(recordOf(verified, now), io)
    else printVerified(verified, now, io)
  } catch (error) {
    const explanation = explainError(error)
    if (explanation?.code.startsWith('CERT_') !== true) throw error
    if (options.json === true) printJson({ verified: false, purpose, at: formatInstant(now), ...explanation }, io)
    if (explanation.code === 'CERT_LEAF_IS_CA') note('to verify a CA certificate as such, add --purpose issuer', io)
    throw error
  }
}

function nameOf({ subject, subjectAltNames, serialNumber }: Certificate): string {
  return subject.isEmpty ? (subjectAltNames?.uris[0] ?? subjectAltNames?.dnsNames[0] ?? serialNumber) : subject.text()
}

function printVerified(chain: VerifiedChain, now: Date, io: CliIo): void {
  const { certificate, path, purpose } = chain
  const spiffeIds = (certificate.subjectAltNames?.uris ?? []).map((uri) => ['URI name', uri] as const)
  printFacts(
    [
      ['Verified', `${nameOf(certificate)}, as ${purpose}, at ${formatInstant(now)}`],
      ...spiffeIds,
      ...path.slice(1, -1).map((one) => ['Issued by', nameOf(one)] as const),
      ['Trust anchor', chain.anchor.subject.text()],
      ['Valid until', `${formatInstant(chain.notAfter)}, with every certificate above it`],
    ],
    io,
  )
}

function recordOf(chain: VerifiedChain, now: Date) {
  const path = chain.path.map((one) => ({
    name: nameOf(one),
    serialNumber: one.serialNumber,
    notAfter: formatInstant(one.notAfter),
    fingerprint: fingerprint(one),
  }))
  return {
    verified: true,
    purpose: chain.purpose,
    at: formatInstant(now),
    notBefore: formatInstant(chain.notBefore),
    notAfter: formatInstant(chain.notAfter),
    /** From the certificate to the trust anchor. */
    path,
  }
}
