import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  type WorkloadIdentity,
} from '@meshid/certificate'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { parseLinkerdName, parseSpiffeId, parseTrustDomain } from '@meshid/spiffe-id'
import { openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directVerdict } from '../direct-verdict.ts'

/** One certificate as an operator or a mesh makes it, in the words of openssl. */
interface Recipe {
  readonly subject: string
  readonly extensions: readonly string[]
  readonly key?: 'P-256' | 'P-384' | 'RSA'
}

/** The root first, the leaf last. */
interface Shape {
  readonly mesh: string
  readonly trustDomain: string
  readonly recipes: readonly Recipe[]
  readonly isRootSent?: boolean
}

const ca = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign', 'subjectKeyIdentifier=hash']
const below = [...ca, 'authorityKeyIdentifier=keyid']
const leaf = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature,keyEncipherment',
  'extendedKeyUsage=serverAuth,clientAuth',
  'subjectKeyIdentifier=hash',
  'authorityKeyIdentifier=keyid',
]
const named = (...names: readonly string[]): string => `subjectAltName=${names.join(',')}`
const spireUsage = 'keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement'
const spire = leaf.with(1, spireUsage)
const spireCa = (trustDomain: string): string => named(`URI:spiffe://${trustDomain}`)
const web = 'URI:spiffe://td.test/ns/shop/sa/web'

const shapes: readonly Shape[] = [
  {
    mesh: 'SPIRE',
    trustDomain: 'td.test',
    recipes: [
      { subject: '/C=US/O=SPIFFE', extensions: [...ca, spireCa('td.test')] },
      { subject: '/C=US/O=SPIRE/x500UniqueIdentifier=70c1e9ad', extensions: [...spire, named(web)] },
    ],
  },
  {
    mesh: 'SPIRE below an upstream authority, with DNS names',
    trustDomain: 'td.test',
    recipes: [
      { subject: '/CN=upstream', extensions: ['basicConstraints=CA:TRUE', 'subjectKeyIdentifier=hash'], key: 'P-384' },
      { subject: '/C=US/O=SPIFFE', extensions: [...below, spireCa('td.test')], key: 'RSA' },
      { subject: '/C=US/O=SPIRE/CN=web.shop', extensions: [...spire, named(web, 'DNS:web.shop')] },
    ],
  },
  {
    mesh: 'nested SPIRE',
    trustDomain: 'td.test',
    recipes: [
      { subject: '/C=US/O=SPIFFE/serialNumber=1', extensions: [...ca, spireCa('td.test')] },
      { subject: '/C=US/O=SPIFFE/serialNumber=2', extensions: [...below, spireCa('td.test')] },
      { subject: '/C=US/O=SPIFFE/serialNumber=3', extensions: [...below, spireCa('td.test')] },
      { subject: '/C=US/O=SPIRE', extensions: [...spire, named(web)] },
    ],
  },
  {
    mesh: 'Linkerd with certificates of step, and with a URI name',
    trustDomain: 'cluster.local',
    recipes: [
      {
        subject: '/CN=root.linkerd.cluster.local',
        extensions: ['basicConstraints=critical,CA:TRUE,pathlen:1', ...ca.slice(1)],
      },
      {
        subject: '/CN=identity.linkerd.cluster.local',
        extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0', ...below.slice(1)],
      },
      {
        subject: '/CN=web.shop.serviceaccount.identity.linkerd.cluster.local',
        extensions: [
          ...leaf.slice(1),
          named(
            'DNS:web.shop.serviceaccount.identity.linkerd.cluster.local',
            'URI:spiffe://cluster.local/ns/shop/sa/web',
          ),
        ],
      },
    ],
    isRootSent: true,
  },
  {
    mesh: 'cert-manager csi-driver-spiffe',
    trustDomain: 'td.test',
    recipes: [
      {
        subject: '/CN=csi-driver-spiffe-ca',
        extensions: [
          'basicConstraints=critical,CA:TRUE',
          'keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign',
          'subjectKeyIdentifier=hash',
        ],
      },
      { subject: '/', extensions: [...leaf, named('critical', web)] },
    ],
  },
  {
    mesh: 'Istio',
    trustDomain: 'cluster.local',
    recipes: [
      { subject: '/O=cluster.local', extensions: ca, key: 'RSA' },
      {
        subject: '/',
        extensions: [...leaf, named('critical', 'URI:spiffe://cluster.local/ns/shop/sa/web')],
        key: 'RSA',
      },
    ],
  },
  {
    mesh: 'Consul',
    trustDomain: '11111111-2222-3333-4444-555555555555.consul',
    recipes: [
      {
        subject: '/CN=pri-1abc.consul.ca.11111111.consul',
        extensions: [...ca, spireCa('11111111-2222-3333-4444-555555555555.consul')],
      },
      {
        subject: '/',
        extensions: [
          ...leaf,
          named('critical', 'URI:spiffe://11111111-2222-3333-4444-555555555555.consul/ns/default/dc/dc1/svc/web'),
        ],
      },
    ],
  },
]

let directory = ''
const file = (name: string): string => join(directory, name)

async function run(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await openssl(args)
  if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
}

const keyArguments = {
  'P-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  RSA: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
} as const

/** Makes one certificate with openssl, below the one of the other name. */
async function issue(
  name: string,
  by: string | undefined,
  { subject, extensions, key = 'P-256' }: Recipe,
): Promise<Uint8Array> {
  await run('genpkey', ...keyArguments[key], '-out', file(`${name}.key`))
  await writeFile(
    file(`${name}.cnf`),
    ['[req]', 'distinguished_name=name', '[name]', '[own]', ...extensions].join('\n'),
  )
  const config = ['-config', file(`${name}.cnf`)]
  await run('req', '-new', '-key', file(`${name}.key`), '-subj', subject, ...config, '-out', file(`${name}.csr`))
  const signing =
    by === undefined
      ? ['-signkey', file(`${name}.key`)]
      : ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`), '-CAcreateserial']
  const made = ['-days', '30', '-extfile', file(`${name}.cnf`), '-extensions', 'own', '-out', file(`${name}.pem`)]
  await run('x509', '-req', '-in', file(`${name}.csr`), ...signing, ...made)
  await run('x509', '-in', file(`${name}.pem`), '-outform', 'DER', '-out', file(`${name}.der`))
  return new Uint8Array(await readFile(file(`${name}.der`)))
}

describe('a direct verifier decides what meshes issue', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'meshid-direct-'))
  })

  afterAll(() => rm(directory, { recursive: true }))

  test.each(shapes)('$mesh', async ({ mesh, trustDomain, recipes, isRootSent }) => {
    const certificates: Uint8Array[] = []
    const nameAt = (at: number): string => `${mesh.replaceAll(/\W/g, '-')}-${at}`
    for (const [at, recipe] of recipes.entries()) {
      certificates.unshift(await issue(nameAt(at), at === 0 ? undefined : nameAt(at - 1), recipe))
    }
    const authorities = certificates.slice(-1)
    const chain = isRootSent === true ? certificates : certificates.slice(0, -1)
    const trust = { authorities, trustDomain: parseTrustDomain(trustDomain), now: new Date(), verifier: nodeVerifier }
    expect(directVerdict(chain, trust)?.trustDomain.name).toBe(trustDomain)
  })

  const trustDomain = parseTrustDomain('td.test')
  const spiffeId = parseSpiffeId('spiffe://td.test/ns/shop/sa/web')
  const mesh = { trustDomain, controlNamespace: 'linkerd' }
  const dnsName = parseLinkerdName('web.shop.serviceaccount.identity.linkerd.td.test', mesh)

  const keys = ['P-256', 'P-384', 'Ed25519'] as const
  const both: WorkloadIdentity = { dnsName, spiffeId }

  test.each([
    ...keys.map((algorithm) => ({ algorithm, names: 'an ID', identity: { spiffeId } })),
    { algorithm: 'P-256' as const, names: 'a Linkerd name and an ID', identity: both },
  ])('meshid with keys of $algorithm, $names', async ({ algorithm, identity }) => {
    const now = new Date()
    const [rootSigner, signer, own] = [1, 2, 3].map(() => createNodeSigner(generateNodePrivateKey(algorithm)))
    if (rootSigner === undefined || signer === undefined || own === undefined) throw new Error('expected three signers')
    const root = await createRootCertificate({ signer: rootSigner, commonName: 'root.td.test', now })
    const options = {
      issuer: { chain: [root], signer: rootSigner },
      key: signer.key,
      commonName: 'issuer.td.test',
      now,
    }
    const intermediate = await createIntermediateCertificate(options)
    const trustAnchors = createTrustAnchors([root])
    const issuer = await createIssuer({ chain: [intermediate], signer, trustAnchors, now }, { verifier: nodeVerifier })
    const { der } = await issuer.issue({ identity, key: own.key, now })
    const trust = { authorities: [root.der], trustDomain, now, verifier: nodeVerifier }
    expect(directVerdict([der, ...issuer.chain], trust)?.spiffeId.toString()).toBe(spiffeId.toString())
  })
})
