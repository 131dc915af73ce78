import { type ChainPurpose, explain, type Explanation, formatExplanation, parseCertificate } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'
import { explainSvid } from '@meshid/svid'
import { createTrustBundle, createTrustBundleSet } from '@meshid/trust-bundle'
import { type Command, Option } from 'commander'
import { CliError } from '../errors.ts'
import { parseInstant } from '../instant.ts'
import type { CliIo } from '../io.ts'
import { paintExplanation } from '../paint-explanation.ts'
import { printJson } from '../print.ts'
import { readCertificateBytes } from '../read-certificate-bytes.ts'
import { STDIN_PATH } from '../read-input.ts'
import { inFile } from '../refused-file.ts'
import { ToldRefusal } from '../told-refusal.ts'

interface CertificateExplainOptions {
  readonly chain: string
  readonly intermediates?: readonly string[]
  readonly anchors: string
  readonly trustDomain?: TrustDomain
  readonly purpose: ChainPurpose
  readonly now?: Date
  readonly json?: true
}

const purposes: readonly ChainPurpose[] = ['leaf', 'leaf-client', 'leaf-server', 'issuer']

/** Adds `meshid certificate explain`. */
export function addCertificateExplain(certificate: Command, io: CliIo): void {
  certificate
    .command('explain')
    .description('explain why a chain is accepted or refused: every path, each check, and what to fix first')
    .requiredOption('--chain <file>', 'what was sent: the certificate first (PEM), or one as DER; - is standard input')
    .option('--intermediates <files...>', 'more certificates of the chain (PEM or DER)')
    .requiredOption('--anchors <file>', 'the CA certificates that are trusted (PEM or DER)')
    .option(
      '--trust-domain <name>',
      'whose authorities the anchors are; the chain is then judged as an X.509-SVID',
      (name) => parseTrustDomain(name),
    )
    .addOption(new Option('--purpose <purpose>', 'what it is to be used for').choices(purposes).default('leaf'))
    .option('--now <instant>', 'judge times at this instant', parseInstant)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid certificate explain --chain chain.pem --anchors ca.crt
  $ meshid certificate explain --chain leaf.pem --intermediates issuer.crt --anchors ca.crt --purpose leaf-server
  $ meshid certificate explain --chain chain.pem --anchors ca.crt --trust-domain cluster.local --now 2026-12-31T00:00:00Z

The verdict is that of "certificate verify". Bytes that are no certificates are explained too.`,
    )
    .action((options: CertificateExplainOptions) => runCertificateExplain(options, io))
}

async function runCertificateExplain(options: CertificateExplainOptions, io: CliIo): Promise<void> {
  const { intermediates = [], now = io.now() } = options
  const paths = [options.chain, ...intermediates]
  checkPaths([...paths, options.anchors])
  const chain: Uint8Array[] = []
  for (const path of paths) chain.push(...(await readCertificateBytes(path, io)))
  const anchors = await readCertificateBytes(options.anchors, io)
  const explanation = explainAs(options, { chain, anchors, now })
  if (options.json === true) printJson(explanation, io)
  else io.out(paintExplanation(formatExplanation(explanation), io))
  if (explanation.verdict === 'refused') throw new ToldRefusal()
}

function checkPaths(paths: readonly string[]): void {
  if (paths.filter((path) => path === STDIN_PATH).length <= 1) return
  throw new CliError('CLI_USAGE', 'files: expected standard input (-) once, found it twice')
}

interface Question {
  readonly chain: readonly Uint8Array[]
  readonly anchors: readonly Uint8Array[]
  readonly now: Date
}

/** As a chain, or with a trust domain as an SVID; a `leaf` is for both sides then, and the first side that refuses counts. */
function explainAs(options: CertificateExplainOptions, { chain, anchors, now }: Question): Explanation<string> {
  const { purpose, trustDomain } = options
  const verifier = nodeVerifier
  if (trustDomain === undefined) return explain({ chain, trustAnchors: anchors, now, purpose }, { verifier })
  if (purpose === 'issuer') {
    throw new CliError('CLI_USAGE', '--purpose: expected one of a leaf beside --trust-domain, found issuer')
  }
  const x509Authorities = inFile(options.anchors, () => anchors.map((der) => parseCertificate(der)))
  const bundle = inFile(options.anchors, () => createTrustBundle({ trustDomain, x509Authorities }))
  const bundles = createTrustBundleSet([bundle])
  const asked = (side: 'client' | 'server') => explainSvid({ chain, bundles, now, purpose: side }, { verifier })
  if (purpose !== 'leaf') return asked(purpose === 'leaf-client' ? 'client' : 'server')
  const asClient = asked('client')
  return asClient.verdict === 'refused' ? asClient : asked('server')
}
