import { encodeBitString, encodeInteger, encodeNull, encodeOid, encodePem, encodeSequence, oids } from '@meshid/der'
import { generalName, nameConstraints } from '../chain-forge/extensions.ts'
import { createDocumentCa, type DocumentCa, type DocumentCertificate } from './document-ca.ts'

/** A chain that is refused, as somebody might find it. */
export interface BrokenChain {
  readonly title: string
  /** What happened, in a sentence or two. */
  readonly story: string
  /** PEM by file name. */
  readonly files: Readonly<Record<string, string>>
  /** The options of `meshid certificate explain`, with those file names. */
  readonly options: string
}

const HOUR_MS = 3_600_000
const ROOT = 'root.linkerd.cluster.local'
const ISSUER = 'identity.linkerd.cluster.local'
const WEB = 'spiffe://cluster.local/ns/emojivoto/sa/web'
const VOTING = 'spiffe://cluster.local/ns/emojivoto/sa/voting'
const USUAL = '--chain chain.pem --anchors ca.crt'

const pem = (...certificates: readonly DocumentCertificate[]): string =>
  certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('')

/** What all chains are made from. */
interface Mesh {
  readonly ca: DocumentCa
  readonly root: DocumentCertificate
  readonly issuer: DocumentCertificate
  /** The leaf of a workload, with nothing wrong. */
  readonly web: DocumentCertificate
  /** An instant some hours from now. */
  readonly at: (hours: number) => Date
}

/**
 * Broken chains, the same octets in every run: keys come from a fixed seed, and signatures are those of RFC 6979.
 *
 * @param now the instant at which they are explained
 */
export function brokenChains(now: Date): readonly BrokenChain[] {
  const ca = createDocumentCa(now)
  const root = ca.authority(ROOT)
  const issuer = ca.authority(ISSUER, { by: root, pathLength: 0 })
  const at = (hours: number): Date => new Date(now.getTime() + hours * HOUR_MS)
  const mesh = { ca, root, issuer, web: ca.leaf(WEB, { by: issuer }), at }
  return [timeChains, rootChains, powerChains, nameChains, svidChains, oldChains].flatMap((chains) => chains(mesh))
}

/** What is sent, and the bundle that it is judged by. */
function files(
  chain: readonly DocumentCertificate[],
  root: DocumentCertificate,
): Pick<BrokenChain, 'files' | 'options'> {
  return { files: { 'chain.pem': pem(...chain), 'ca.crt': pem(root) }, options: USUAL }
}

function timeChains({ ca, root, issuer, web, at }: Mesh): readonly BrokenChain[] {
  return [
    {
      title: 'The leaf has expired',
      story: 'Its workload could not reach the identity service since last night.',
      ...files([ca.leaf(WEB, { by: issuer, notBefore: at(-27), notAfter: at(-3) }), issuer], root),
    },
    {
      title: 'The leaf is not valid yet',
      story: 'It was issued a moment ago, by a machine whose clock is ahead of this one.',
      ...files([ca.leaf(WEB, { by: issuer, notBefore: at(0.0125) }), issuer], root),
    },
    {
      title: 'The trust anchor has expired',
      story: 'The root was made for a year, and the issuer below it for longer.',
      ...files([web, issuer], ca.authority(ROOT, { notBefore: at(-8808), notAfter: at(-48) })),
    },
  ]
}

function rootChains({ ca, root, issuer, web }: Mesh): readonly BrokenChain[] {
  return [
    {
      title: 'The root was replaced, and has the same name and a new key',
      story: 'The bundle was rolled out with the new root alone, while issuers and leaves still come from the old one.',
      ...files([web, issuer], ca.authority(ROOT, { key: 'new root' })),
    },
    {
      title: 'The bundle is that of another mesh',
      story: 'The file of the staging cluster was mounted in production.',
      ...files([web, issuer], ca.authority('root.linkerd.staging.local')),
    },
    {
      title: 'The issuer was not sent',
      story: 'The server was given the leaf alone, without what follows it in the file of the issuer.',
      ...files([web], root),
    },
  ]
}

function powerChains({ ca, root, issuer }: Mesh): readonly BrokenChain[] {
  const named = ca.leaf(WEB, { by: issuer, commonName: 'web' })
  const team = ca.authority('team.emojivoto', { by: issuer })
  return [
    {
      title: 'A CA where a leaf belongs',
      story: 'The server uses the pair of the issuer for TLS.',
      ...files([issuer], root),
    },
    {
      title: 'A leaf where a CA belongs',
      story: 'Somebody signed a certificate with the key of a workload.',
      ...files([ca.leaf(VOTING, { by: named }), named, issuer], root),
    },
    {
      title: 'One CA too many',
      story: 'A team was given a CA of its own below an issuer that may sign leaves only.',
      ...files([ca.leaf(WEB, { by: team }), team, issuer], root),
    },
    {
      title: 'The wrong extended key usage',
      story: 'The certificate was made for clients, and a server uses it.',
      ...files([ca.leaf(WEB, { by: issuer, purposes: ['clientAuth'] }), issuer], root),
      options: `${USUAL} --purpose leaf-server`,
    },
  ]
}

function nameChains({ ca }: Mesh): readonly BrokenChain[] {
  const permitted = [generalName('uri', 'cluster.local')]
  const root = ca.authority(ROOT, { more: [nameConstraints({ permitted }).der] })
  const issuer = ca.authority(ISSUER, { by: root, pathLength: 0 })
  return [
    {
      title: 'A name that a CA does not permit',
      story: 'The root signs for one trust domain only, and the leaf belongs to another.',
      ...files([ca.leaf('spiffe://staging.local/ns/emojivoto/sa/web', { by: issuer }), issuer], root),
    },
  ]
}

function svidChains({ ca, root, issuer }: Mesh): readonly BrokenChain[] {
  const options = `${USUAL} --trust-domain cluster.local`
  return [
    {
      title: 'Two SPIFFE IDs',
      story: 'One certificate was to serve two workloads. As a path it is good; as an SVID it is none.',
      ...files([ca.leaf([WEB, VOTING], { by: issuer }), issuer], root),
      options,
    },
    {
      title: 'An SVID of a trust domain without a bundle',
      story: 'A workload of a partner calls, before the two trust domains are federated.',
      ...files([ca.leaf('spiffe://partner.example/ns/shop/sa/cart', { by: issuer }), issuer], root),
      options,
    },
  ]
}

function oldChains({ ca, root, issuer, web }: Mesh): readonly BrokenChain[] {
  const sha1 = encodeSequence(encodeOid(oids.ecdsaWithSha1))
  return [
    {
      title: 'A signature with SHA-1',
      story: 'An old CA signed the issuer.',
      ...files([web, ca.authority(ISSUER, { by: root, pathLength: 0, algorithm: sha1 })], root),
    },
    {
      title: 'A key that is too short',
      story: 'The leaf has an RSA key of 1024 bits, so it is not even read.',
      ...files([ca.leaf(WEB, { by: issuer, spki: shortRsaKey() }), issuer], root),
    },
    {
      title: 'A file that was cut short',
      story: 'The second certificate lost its end on its way.',
      ...files([web, { ...issuer, der: issuer.der.subarray(0, 300) }], root),
    },
  ]
}

/** An RSA public key of 1024 bits; nobody needs its private half. */
function shortRsaKey(): Uint8Array {
  const numbers = encodeSequence(encodeInteger((1n << 1023n) | 1n), encodeInteger(65_537))
  return encodeSequence(encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()), encodeBitString(numbers))
}
