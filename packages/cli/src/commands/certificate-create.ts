import { inspectCertificate } from '@meshid/certificate'
import type { LocalSigner } from '@meshid/keys'
import { parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'
import { type Command, Option } from 'commander'
import { certificateRecord } from '../certificate-record.ts'
import { type CertificateChain, createPair } from '../create-pair.ts'
import { parseDuration } from '../duration.ts'
import { CliError } from '../errors.ts'
import { parseInstant } from '../instant.ts'
import type { CliIo } from '../io.ts'
import { type CertificateProfile, makeIntermediate, makeLeaf, makeRoot } from '../make-certificate.ts'
import { formatInstant, note, printJson } from '../print.ts'
import { type CaPaths, readCa } from '../read-ca.ts'

interface CertificateCreateOptions {
  readonly profile: CertificateProfile
  readonly notAfter?: string
  readonly ca?: string
  readonly caKey?: string
  readonly san: readonly string[]
  readonly trustDomain?: TrustDomain
  readonly controlNamespace?: string
  readonly force?: true
  readonly json?: true
}

interface CreateTask extends CertificateCreateOptions {
  readonly subject: string
  readonly certificateFile: string
  readonly keyFile: string
}

const defaultNotAfter: Readonly<Record<CertificateProfile, string>> = {
  'root-ca': '87600h',
  'intermediate-ca': '8760h',
  leaf: '24h',
}

/** Adds `meshid certificate create`. */
export function addCertificateCreate(certificate: Command, io: CliIo): void {
  const create = certificate
    .command('create')
    .description('create a certificate and its P-256 key: the root of a mesh, its issuer, or the leaf of a workload')
    .argument('<subject>', 'common name, 1 to 64 characters; of a leaf also its SPIFFE ID or Linkerd name')
    .argument('<crt-file>', 'where to write the certificate (PEM); of a leaf with the issuers to send along')
    .argument('<key-file>', 'where to write the private key (PKCS#8 PEM, mode 0600, no passphrase)')
  addOptions(create)
    .addHelpText('after', examples)
    .action((subject: string, certificateFile: string, keyFile: string, options: CertificateCreateOptions) =>
      runCertificateCreate({ ...options, subject, certificateFile, keyFile }, io),
    )
}

function addOptions(create: Command): Command {
  const profiles = Object.keys(defaultNotAfter)
  return create
    .addOption(new Option('--profile <profile>', 'what the certificate is for').choices(profiles).default('leaf'))
    .option('--not-after <time>', `duration in Go notation, or instant; default ${listOf(defaultNotAfter)}`)
    .option('--ca <file>', 'certificate of the CA that signs (PEM or DER; a chain or bundle is fine)')
    .option('--ca-key <file>', 'its private key (PKCS#8, SEC1 or PKCS#1, without passphrase)')
    .option('--san <name>', 'name of a leaf: a SPIFFE ID, a Linkerd name, or one of each', collect, [])
    .option('--trust-domain <name>', 'whose SPIFFE ID a CA carries; to which a leaf belongs', (name) =>
      parseTrustDomain(name),
    )
    .option('--control-namespace <name>', 'to which mesh the Linkerd name of a leaf belongs; default as the name says')
    .option('-f, --force', 'replace files that exist')
    .option('--json', 'print JSON')
    .option('--no-password', 'no effect: keys never have a passphrase; taken because step needs it')
    .option('--insecure', 'no effect either')
}

const listOf = (defaults: Readonly<Record<string, string>>): string =>
  Object.entries(defaults)
    .map(([profile, text]) => `${text} (${profile})`)
    .join(', ')

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value]

const examples = `
Examples:
  $ meshid certificate create root.linkerd.cluster.local ca.crt ca.key --profile root-ca
  $ meshid certificate create identity.linkerd.cluster.local issuer.crt issuer.key --profile intermediate-ca \\
      --not-after 8760h --ca ca.crt --ca-key ca.key
  $ meshid certificate create spiffe://cluster.local/ns/emojivoto/sa/web web.crt web.key --ca issuer.crt --ca-key issuer.key

The issuer's pair goes into the Secret linkerd-identity-issuer; ca.crt is the trust anchor of every workload, and ca.key is
needed only to sign issuers. CAs of openssl, step and cert-manager are fine. Nothing outlives the CA that signs it.`

async function runCertificateCreate(task: CreateTask, io: CliIo): Promise<void> {
  const { profile, certificateFile, keyFile } = task
  const caPaths = checkOptions(task)
  const now = io.now()
  const lifetimeMs = lifetimeOf(task.notAfter ?? defaultNotAfter[profile], now)
  const certify = async (signer: LocalSigner): Promise<CertificateChain> => {
    const { subject, san: sans, trustDomain, controlNamespace } = task
    const order = { subject, sans, trustDomain, controlNamespace, lifetimeMs, signer, now }
    if (caPaths === undefined) return makeRoot(order)
    const ca = await readCa(caPaths, io)
    return profile === 'leaf' ? makeLeaf(order, ca) : makeIntermediate(order, ca)
  }
  const inputs = caPaths === undefined ? [] : [caPaths.certificate, caPaths.key]
  const files = { certificate: certificateFile, key: keyFile, inputs, force: task.force === true }
  const chain = await createPair(files, certify)
  const [{ notBefore, notAfter }] = chain
  // That notBefore lies a little in the past is no cut.
  if (notAfter.getTime() < notBefore.getTime() + lifetimeMs) {
    note(`valid until ${formatInstant(notAfter)}: cut, because no certificate outlives the CA above it`, io)
  }
  if (task.json !== true) io.out(inspectCertificate(chain[0], { now }))
  else printJson({ certificates: chain.map((one) => certificateRecord(one, now)), certificateFile, keyFile }, io)
}

/** Where the CA is, for the profiles that have one; options that another profile needs are refused rather than ignored. */
function checkOptions({ profile, ca, caKey, san, controlNamespace }: CreateTask): CaPaths | undefined {
  const refuse = (expected: string): CliError => new CliError('CLI_USAGE', `profile ${profile}: expected ${expected}`)
  if (profile !== 'leaf' && san.length > 0) throw refuse('no --san, which only a leaf has')
  if (profile !== 'leaf' && controlNamespace !== undefined)
    throw refuse('no --control-namespace, which only a leaf has')
  if (profile === 'root-ca') {
    if (ca === undefined && caKey === undefined) return undefined
    throw refuse('neither --ca nor --ca-key, because a root signs itself')
  }
  if (ca === undefined || caKey === undefined) throw refuse('--ca and --ca-key, the CA that signs')
  return { certificate: ca, key: caKey }
}

/** From now, whose second counts as a whole, in milliseconds. */
function lifetimeOf(notAfter: string, now: Date): number {
  if (!/^\d{4}-/.test(notAfter)) return parseDuration(notAfter)
  return parseInstant(notAfter).getTime() - Math.floor(now.getTime() / 1000) * 1000
}
