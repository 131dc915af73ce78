import { createRootCertificate } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'
import type { Command } from 'commander'
import { createCaFiles } from '../create-ca-files.ts'
import { parseDuration } from '../duration.ts'
import type { CliIo } from '../io.ts'

interface CaCreateRootOptions {
  readonly commonName: string
  readonly certificate: string
  readonly key: string
  readonly lifetime: string
  readonly trustDomain?: TrustDomain
  readonly force?: true
}

/** Adds `meshid ca create-root`. */
export function addCaCreateRoot(ca: Command, io: CliIo): void {
  ca.command('create-root')
    .description('create the trust anchor of a mesh: a self-signed CA certificate and its P-256 key')
    .requiredOption('--common-name <name>', 'subject, 1 to 64 characters')
    .requiredOption('--certificate <file>', 'where to write the certificate (PEM)')
    .requiredOption('--key <file>', 'where to write the private key (PKCS#8 PEM, mode 0600, no passphrase)')
    .option('--lifetime <duration>', 'how long it is valid, in Go notation', '87600h')
    .option('--trust-domain <name>', 'also carry the SPIFFE ID of this trust domain', (name) => parseTrustDomain(name))
    .option('--force', 'replace files that exist')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid ca create-root --common-name root.linkerd.cluster.local --certificate ca.crt --key ca.key
  $ meshid ca create-root --common-name root.example.org --trust-domain example.org --lifetime 43800h \\
      --certificate ca.crt --key ca.key

The certificate is public. Keep the key away from daily work: it is needed only to sign issuers.`,
    )
    .action((options: CaCreateRootOptions) => runCaCreateRoot(options, io))
}

async function runCaCreateRoot(options: CaCreateRootOptions, io: CliIo): Promise<void> {
  const { commonName, trustDomain } = options
  const lifetimeMs = parseDuration(options.lifetime)
  await createCaFiles(
    { ...options, inputs: [], force: options.force === true },
    (making) => createRootCertificate({ ...making, commonName, trustDomain, lifetimeMs, verifier: nodeVerifier }),
    io,
  )
}
