import { createTrustAnchors } from '@meshid/certificate'
import { keyIdentifier } from '@meshid/keys'
import { formatWorkloadName, type KeyFormat, openEndEntityDirectory } from '@meshid/workload'
import { parseWorkloadName, prepareKeyMaterial } from '@meshid/workload'
import { type Command, Option } from 'commander'
import { CliError } from '../errors.ts'
import type { CliIo } from '../io.ts'
import { formatHex, note, printFacts } from '../print.ts'
import { type CertificateFile, readCertificates, readCertificateText } from '../read-certificates.ts'

interface WorkloadBootstrapOptions {
  readonly dir?: string
  readonly name?: string
  readonly trustAnchors?: string
  readonly keyFormat?: KeyFormat
  readonly renew?: true
}

/** The variables that Linkerd's injector gives the proxy container. */
const variables = {
  dir: 'LINKERD2_PROXY_IDENTITY_DIR',
  name: 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME',
  trustAnchors: 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS',
} as const

/** Adds `meshid workload bootstrap`. */
export function addWorkloadBootstrap(workload: Command, io: CliIo): void {
  workload
    .command('bootstrap')
    .description('prepare what a proxy needs before it can ask for a certificate: key.p8 and csr.der, mode 0600')
    .option('--dir <directory>', `the end-entity directory; default $${variables.dir}`)
    .option('--name <name>', `own SPIFFE ID or DNS name; default $${variables.name}`)
    .option('--trust-anchors <file>', `check that these can be used; default the text of $${variables.trustAnchors}`)
    .addOption(
      new Option(
        '--key-format <format>',
        'how to write key.p8; default pem for a SPIFFE ID, der for a DNS name',
      ).choices(['pem', 'der']),
    )
    .option('--renew', 'make a new key although a good one is there')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid workload bootstrap --dir /var/run/linkerd/identity/end-entity \\
      --name spiffe://cluster.local/ns/emojivoto/sa/web --trust-anchors ca-bundle.crt
  $ meshid workload bootstrap --dir ./end-entity --name web.emojivoto.serviceaccount.identity.linkerd.cluster.local

The directory must exist. A key and a request for this very name that lie there are kept; others are replaced.`,
    )
    .action((options: WorkloadBootstrapOptions) => runWorkloadBootstrap(options, io))
}

async function runWorkloadBootstrap(options: WorkloadBootstrapOptions, io: CliIo): Promise<void> {
  const name = parseWorkloadName(required('name', options, io))
  const path = required('dir', options, io)
  const anchors = await readAnchors(options.trustAnchors, io)
  const directory = await openEndEntityDirectory(path)
  const { privateKey, origin } = await prepareKeyMaterial(directory, {
    name,
    renew: options.renew === true,
    ...(options.keyFormat === undefined ? {} : { keyFormat: options.keyFormat }),
  })
  printFacts(
    [
      ['Name', formatWorkloadName(name)],
      ['Trust anchors', anchors === undefined ? 'none given' : anchors.join(', ')],
      ['Public key', `${privateKey.algorithm} ${formatHex(keyIdentifier(privateKey.publicKey))}`],
      ['Key', directory.keyPath],
      ['Request', directory.csrPath],
      ['Origin', origin.kind === 'found' ? 'found, good for this name' : `created: ${origin.reason}`],
    ],
    io,
  )
}

function required(option: 'dir' | 'name', options: WorkloadBootstrapOptions, io: CliIo): string {
  const value = options[option] ?? io.env[variables[option]]
  if (value !== undefined) return value
  throw new CliError('CLI_USAGE', `expected --${option} or ${variables[option]}, found neither`)
}

/** The subjects of the trust anchors, which are of no use yet; but a pod that will trust nobody should say so at once. */
async function readAnchors(file: string | undefined, io: CliIo): Promise<readonly string[] | undefined> {
  const text = io.env[variables.trustAnchors]
  let found: CertificateFile
  if (file !== undefined) found = await readCertificates(file, io)
  else if (text !== undefined) found = readCertificateText(text, variables.trustAnchors, io)
  else {
    note('no trust anchors were given, so it is not known whether any answer could be trusted', io)
    return undefined
  }
  return createTrustAnchors(found.certificates).certificates.map(({ subject }) => subject.text())
}
