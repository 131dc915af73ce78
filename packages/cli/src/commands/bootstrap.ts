import { stat } from 'node:fs/promises'
import { createTrustAnchors } from '@meshid/certificate'
import { keyIdentifier } from '@meshid/keys'
import {
  type EndEntityDirectory,
  formatWorkloadName,
  type KeyFormat,
  openEndEntityDirectory,
  parseWorkloadName,
  prepareKeyMaterial,
} from '@meshid/workload'
import { type Command, Option } from 'commander'
import { CliError } from '../errors.ts'
import type { CliIo } from '../io.ts'
import { type Fact, formatHex, printFacts, printJson } from '../print.ts'
import { readCertificates, readCertificateText } from '../read-certificates.ts'

interface BootstrapOptions {
  readonly dir?: string
  readonly name?: string
  readonly trustAnchors?: string
  readonly keyFormat?: KeyFormat
  readonly json?: true
}

/** The variables that Linkerd's injector gives the proxy container. */
const variables = {
  dir: 'LINKERD2_PROXY_IDENTITY_DIR',
  name: 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME',
  trustAnchors: 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS',
} as const

/** Adds `meshid bootstrap`. */
export function addBootstrap(program: Command, io: CliIo): void {
  program
    .command('bootstrap')
    .description('prepare what a proxy needs before it asks for a certificate: a new key.p8 and csr.der, mode 0600')
    .option('--dir <directory>', `the end-entity directory; default $${variables.dir}`)
    .option('--name <name>', `own SPIFFE ID or DNS name; default $${variables.name}`)
    .option('--trust-anchors <file>', `check that these can be used; default the text of $${variables.trustAnchors}`)
    .addOption(
      new Option(
        '--key-format <format>',
        'how to write key.p8; default pem for a SPIFFE ID, der for a DNS name',
      ).choices(['pem', 'der']),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ LINKERD2_PROXY_IDENTITY_DIR=/var/run/linkerd/identity/end-entity LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS="$(cat ca.crt)" \\
      LINKERD2_PROXY_IDENTITY_LOCAL_NAME=web.emojivoto.serviceaccount.identity.linkerd.cluster.local meshid bootstrap
  $ meshid bootstrap --dir ./end-entity --name spiffe://cluster.local/ns/emojivoto/sa/web --trust-anchors ca.crt

What Linkerd's proxy-identity does, up to the start of the proxy. The directory must exist. A key and a request that lie
there are replaced, because this runs when a container starts; nothing is written unless all else is in order.`,
    )
    .action((options: BootstrapOptions) => runBootstrap(options, io))
}

async function runBootstrap(options: BootstrapOptions, io: CliIo): Promise<void> {
  const path = options.dir ?? io.env[variables.dir] ?? ''
  if (path === '') throw missing('dir', 'Invalid end-entity directory: no end entity directory specified')
  const directory = await openEndEntityDirectory(path)
  const trustAnchors = await readAnchors(options.trustAnchors, io)
  const text = options.name ?? io.env[variables.name] ?? ''
  if (text === '') throw missing('name', 'a non-empty identity is required')
  const name = parseWorkloadName(text)
  const preExisting = await findPreExisting(directory)
  const { privateKey } = await prepareKeyMaterial(directory, {
    name,
    renew: true,
    ...(options.keyFormat === undefined ? {} : { keyFormat: options.keyFormat }),
  })
  const { algorithm, publicKey } = privateKey
  const keyId = formatHex(keyIdentifier(publicKey))
  const record = { name: formatWorkloadName(name), trustAnchors, publicKey: { algorithm, keyId } }
  const { keyPath: keyFile, csrPath: requestFile } = directory
  if (options.json === true) {
    printJson({ ...record, keyFile, requestFile, replaced: preExisting.map(([, replaced]) => replaced) }, io)
    return
  }
  printFacts(
    [
      ...preExisting,
      ['Name', record.name],
      ['Trust anchors', trustAnchors.join(', ')],
      ['Public key', `${algorithm} ${keyId}`],
      ['Key', keyFile],
      ['Request', requestFile],
    ],
    io,
  )
}

/** In the words of Linkerd's proxy-identity, which are known to those who look for them. */
function missing(option: 'dir' | 'name' | 'trust-anchors', message: string): CliError {
  const variable = variables[option === 'trust-anchors' ? 'trustAnchors' : option]
  return new CliError('CLI_VARIABLE_MISSING', message, { detail: { expected: `${variable} or --${option}` } })
}

async function findPreExisting({ keyPath, csrPath }: EndEntityDirectory): Promise<readonly Fact[]> {
  const facts: readonly Fact[] = [
    ['Found pre-existing key', keyPath],
    ['Found pre-existing CSR', csrPath],
  ]
  const isThere = await Promise.all(
    facts.map(([, path]) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return facts.filter((_, at) => isThere[at])
}

/** The subjects of the trust anchors, which are of no use yet; but a pod that will trust nobody must say so at once. */
async function readAnchors(file: string | undefined, io: CliIo): Promise<readonly string[]> {
  const text = io.env[variables.trustAnchors] ?? ''
  if (file === undefined && text === '') {
    throw missing('trust-anchors', `Failed to load trust anchors: '${variables.trustAnchors}' must be set`)
  }
  const { certificates } =
    file === undefined ? readCertificateText(text, variables.trustAnchors, io) : await readCertificates(file, io)
  return createTrustAnchors(certificates).certificates.map(({ subject }) => subject.text())
}
