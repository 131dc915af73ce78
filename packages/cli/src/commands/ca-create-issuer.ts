import { type Certificate, createIntermediateCertificate } from '@meshid/certificate'
import { isSameKey, type Signer } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'
import type { Command } from 'commander'
import { type CaMaking, createCaFiles } from '../create-ca-files.ts'
import { parseDuration } from '../duration.ts'
import type { CliIo } from '../io.ts'
import { formatInstant, note } from '../print.ts'
import { readCertificates } from '../read-certificates.ts'
import { readSigner } from '../read-signer.ts'

interface CaCreateIssuerOptions {
  readonly commonName: string
  readonly root: string
  readonly rootKey: string
  readonly certificate: string
  readonly key: string
  readonly lifetime: string
  readonly trustDomain?: TrustDomain
  readonly force?: true
}

/** Adds `meshid ca create-issuer`. */
export function addCaCreateIssuer(ca: Command, io: CliIo): void {
  ca.command('create-issuer')
    .description('create the issuer of a mesh: a CA certificate below a root, path length 0, and its P-256 key')
    .requiredOption('--common-name <name>', 'subject, 1 to 64 characters')
    .requiredOption('--root <file>', 'certificate of the CA that signs (PEM or DER; a chain or bundle is fine)')
    .requiredOption('--root-key <file>', 'its private key (PKCS#8, SEC1 or PKCS#1, without passphrase)')
    .requiredOption('--certificate <file>', 'where to write the certificate (PEM)')
    .requiredOption('--key <file>', 'where to write the private key (PKCS#8 PEM, mode 0600, no passphrase)')
    .option('--lifetime <duration>', 'how long it is valid, in Go notation; never longer than the root', '8760h')
    .option('--trust-domain <name>', 'also carry the SPIFFE ID of this trust domain', (name) => parseTrustDomain(name))
    .option('--force', 'replace files that exist')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid ca create-issuer --common-name identity.linkerd.cluster.local --root ca.crt --root-key ca.key \\
      --certificate issuer.crt --key issuer.key

The pair goes into the Secret linkerd-identity-issuer; ca.crt is the trust anchor of every workload. Roots and keys of
openssl, step and cert-manager are fine.`,
    )
    .action((options: CaCreateIssuerOptions) => runCaCreateIssuer(options, io))
}

async function runCaCreateIssuer(options: CaCreateIssuerOptions, io: CliIo): Promise<void> {
  const { commonName, trustDomain, root, rootKey } = options
  const lifetimeMs = parseDuration(options.lifetime)
  const create = async ({ signer, now }: CaMaking): Promise<Certificate> => {
    const { certificates } = await readCertificates(root, io)
    const rootSigner = await readSigner(rootKey, io)
    const issuer = { chain: chainOf(rootSigner, certificates), signer: rootSigner }
    const template = { commonName, trustDomain, lifetimeMs }
    return createIntermediateCertificate({ ...template, issuer, key: signer.key, now, verifier: nodeVerifier })
  }
  const files = { ...options, inputs: [root, rootKey], force: options.force === true }
  const { notBefore, notAfter } = await createCaFiles(files, create, io)
  tellIfCut(notAfter, new Date(notBefore.getTime() + lifetimeMs), io)
}

/** A bundle may hold several roots: the one that the key belongs to counts, and unless it is a root, what follows it. */
function chainOf(signer: Signer, certificates: readonly Certificate[]): readonly Certificate[] {
  const at = certificates.findIndex(({ publicKey }) => isSameKey(publicKey, signer.key.publicKey))
  const found = certificates[at]
  if (found === undefined) return certificates
  return found.subject.equals(found.issuer) ? [found] : certificates.slice(at)
}

/** The skew that notBefore lies in the past is no cut. */
function tellIfCut(notAfter: Date, asked: Date, io: CliIo): void {
  if (notAfter >= asked) return
  note(`valid until ${formatInstant(notAfter)}: cut, because no issuer outlives the CA above it`, io)
}
