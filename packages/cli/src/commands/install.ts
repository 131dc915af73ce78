import { isDns1123Label, parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { checkInstallMaterial } from '../check-install-material.ts'
import type { CliIo } from '../io.ts'
import { installManifests } from '../manifests/install-manifests.ts'
import type { IdentityProfile, IssuerScheme } from '../manifests/install-settings.ts'
import { renderYaml } from '../manifests/render-manifests.ts'
import { note, printJson } from '../print.ts'
import { readCertificates } from '../read-certificates.ts'
import { readPrivateKey } from '../read-signer.ts'
import { VERSION } from '../version.ts'

interface InstallOptions {
  readonly crt: string
  readonly key: string
  readonly anchors: string
  readonly namespace: string
  readonly trustDomain: TrustDomain
  readonly scheme: IssuerScheme
  readonly profile: IdentityProfile
  readonly image: string
  readonly allowOneTier?: true
  readonly json?: true
}

const schemes: readonly IssuerScheme[] = ['linkerd.io/tls', 'kubernetes.io/tls']
const profiles: readonly IdentityProfile[] = ['spiffe', 'linkerd', 'dual']

/** Adds `meshid install`. */
export function addInstall(program: Command, io: CliIo): void {
  const install = program
    .command('install')
    .description('print the Kubernetes manifests of the identity server, with an issuer that was tried first')
    .requiredOption('--crt <file>', "the issuer's certificate, then what leads up to an anchor (PEM or DER)")
    .requiredOption('--key <file>', 'its private key (PKCS#8, SEC1 or PKCS#1, without passphrase)')
    .requiredOption('--anchors <file>', 'the trust anchors of the mesh (PEM or DER)')
  addSettings(install)
    .option('--allow-one-tier', 'accept an issuer that is a trust anchor itself; for trying out only')
    .option('--json', 'print JSON: one List, which kubectl takes as well')
    .addHelpText('after', examples)
    .action((options: InstallOptions) => runInstall(options, io))
}

function addSettings(install: Command): Command {
  return install
    .option('--namespace <name>', 'where the control plane runs', readNamespace, 'linkerd')
    .option(
      '--trust-domain <name>',
      'of all identities',
      (name) => parseTrustDomain(name),
      parseTrustDomain('cluster.local'),
    )
    .addOption(
      new Option('--scheme <scheme>', "names in the issuer's Secret: crt.pem, key.pem or tls.crt, tls.key, ca.crt")
        .choices(schemes)
        .default('linkerd.io/tls'),
    )
    .addOption(
      new Option('--profile <profile>', 'names in certificates: SPIFFE IDs, Linkerd names, or both')
        .choices(profiles)
        .default('spiffe'),
    )
    .option('--image <name>', 'of the identity server', readImage, `meshid/identity-server:${VERSION}`)
}

const examples = `
Examples:
  $ meshid install --crt issuer.crt --key issuer.key --anchors ca.crt | kubectl apply --server-side -f -
  $ meshid install --crt issuer.crt --key issuer.key --anchors ca.crt --profile linkerd --scheme kubernetes.io/tls \\
      --namespace linkerd --trust-domain cluster.local --image registry.example/identity-server:1.0

Checked first, by issuing a certificate that is thrown away: the key belongs to the issuer, the issuer leads to an anchor and can
sign leaves, and all of it is in time. What is printed holds the issuer's private key: pipe it, do not keep it. With --server-side
kubectl leaves no second copy of the Secret in an annotation.`

async function runInstall(options: InstallOptions, io: CliIo): Promise<void> {
  const { namespace, trustDomain, scheme, profile, image } = options
  const { certificates: chain } = await readCertificates(options.crt, io)
  const privateKey = await readPrivateKey(options.key, io)
  const { certificates: anchors } = await readCertificates(options.anchors, io)
  const given = { chain, privateKey, anchors, now: io.now(), allowOneTier: options.allowOneTier === true }
  const { material, warnings } = await checkInstallMaterial(given)
  for (const warning of warnings) note(warning, io)
  const manifests = installManifests({ namespace, trustDomain: trustDomain.name, scheme, profile, image, material })
  if (io.outIsTerminal === true) {
    note('a private key follows on this terminal; pipe it to kubectl apply instead, and clear the screen', io)
  }
  if (options.json !== true) io.out(renderYaml(manifests))
  else printJson({ apiVersion: 'v1', kind: 'List', items: manifests.map(({ object }) => object) }, io)
}

function readNamespace(text: string): string {
  if (isDns1123Label(text)) return text
  throw new InvalidArgumentError('Expected the name of a namespace: lower-case letters, digits and hyphens.')
}

function readImage(text: string): string {
  if (/^[\w./:@-]+$/.test(text)) return text
  throw new InvalidArgumentError('Expected the name of an image, such as registry.example/identity-server:1.0.')
}
