import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createTrustAnchors,
  fingerprint,
  inspectCertificate,
  parseCertificate,
  parseCertificates,
  verifyChain,
} from '@meshid/certificate'
import { KeysError, nobleVerifier } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, refusalOf } from '../refusal.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'
let directory = ''

const extensions = `
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always,issuer:always
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = critical,URI:${id},DNS:web.emojivoto,IP:10.0.0.1,IP:fd00::1,email:a@b.test,dirName:dir,otherName:1.2.3;UTF8:x
[constrained]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
nameConstraints = critical,permitted;URI:.td.test
[dir]
CN = directory
`

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meshid-certificate-'))
  await writeFile(join(directory, 'extensions.cnf'), extensions)
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

async function run(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await openssl(args)
  if (code !== 0) throw new Error(`expected openssl ${args.join(' ')} to end with 0, found ${code}: ${stderr}`)
}

function path(name: string): string {
  return join(directory, name)
}

const keyOptions: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'P-521': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  Ed25519: ['-algorithm', 'Ed25519'],
  RSA: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
}

interface Make {
  readonly algorithm: string
  readonly section: 'root' | 'intermediate' | 'leaf' | 'constrained'
  readonly by?: string
  readonly subject: string
  readonly digest?: string
}

/** Makes `<name>.key` and `<name>.crt` with openssl, and returns the certificate as PEM. */
async function make(name: string, { algorithm, section, by, subject, digest = 'sha256' }: Make): Promise<string> {
  await run('genpkey', ...(keyOptions[algorithm] ?? []), '-out', path(`${name}.key`))
  await run('req', '-new', '-key', path(`${name}.key`), '-subj', subject, '-out', path(`${name}.csr`))
  const signer =
    by === undefined ? ['-signkey', path(`${name}.key`)] : ['-CA', path(`${by}.crt`), '-CAkey', path(`${by}.key`)]
  const hash = algorithm === 'Ed25519' ? [] : [`-${digest}`]
  const profile = ['-extfile', path('extensions.cnf'), '-extensions', section]
  const output = ['-days', '30', '-out', path(`${name}.crt`)]
  await run('x509', '-req', '-in', path(`${name}.csr`), ...signer, ...hash, ...profile, ...output)
  return readFile(path(`${name}.crt`), 'utf8')
}

async function makeChain(algorithm: string) {
  const root = await make(`${algorithm}-root`, {
    algorithm,
    section: 'root',
    subject: '/CN=root.linkerd.cluster.local',
  })
  const issuer = await make(`${algorithm}-issuer`, {
    algorithm,
    section: 'intermediate',
    by: `${algorithm}-root`,
    subject: '/O=mesh, inc./CN=identity.linkerd.cluster.local',
  })
  const leaf = await make(`${algorithm}-leaf`, { algorithm, section: 'leaf', by: `${algorithm}-issuer`, subject: '/' })
  return { root, issuer, leaf }
}

describe.each(['P-256', 'P-384', 'Ed25519', 'RSA'])('a chain that openssl made with %s', (algorithm) => {
  let chain: Awaited<ReturnType<typeof makeChain>>
  beforeAll(async () => {
    chain = await makeChain(algorithm)
  })

  test('verifies', () => {
    const verified = verifyChain(
      {
        chain: parseCertificates(chain.leaf + chain.issuer),
        trustAnchors: createTrustAnchors(parseCertificates(chain.root)),
        now: new Date(),
        purpose: 'leaf',
      },
      { verifier: nodeVerifier },
    )
    expect(verified.path).toHaveLength(3)
    expect(verified.path.map(({ publicKey }) => publicKey.algorithm)).toEqual([algorithm, algorithm, algorithm])
  })

  test('verifies without node:crypto, unless it is RSA', () => {
    const input = {
      chain: parseCertificates(chain.issuer),
      trustAnchors: createTrustAnchors(parseCertificates(chain.root)),
      now: new Date(),
      purpose: 'issuer',
    } as const
    if (algorithm === 'RSA') {
      const error = refusalOf(() => verifyChain(input, { verifier: nobleVerifier }))
      expect(error.code).toBe('CERT_UNSUPPORTED_ALGORITHM')
      expect(error.cause).toBeInstanceOf(KeysError)
    } else expect(verifyChain(input, { verifier: nobleVerifier }).path).toHaveLength(2)
  })

  test('has the facts that openssl prints', async () => {
    const [leaf] = parseCertificates(chain.leaf)
    if (leaf === undefined) throw new Error('expected a leaf')
    const facts = await openssl([
      'x509',
      '-in',
      path(`${algorithm}-leaf.crt`),
      '-noout',
      '-serial',
      '-fingerprint',
      '-sha256',
      '-enddate',
      '-dateopt',
      'iso_8601',
    ])
    const text = facts.stdout.toString()
    expect(text).toContain(`serial=${leaf.serialNumber.toUpperCase()}\n`)
    expect(text.replaceAll(':', '').toLowerCase()).toContain(`fingerprint=${fingerprint(leaf)}\n`)
    expect(text).toContain(`notAfter=${leaf.notAfter.toISOString().replace('T', ' ').replace('.000', '')}`)
    expect(leaf.subjectAltNames?.directoryNames.map((dn) => dn.text())).toEqual(['CN=directory'])
    expect(leaf.subjectAltNames).toMatchObject({
      critical: true,
      uris: [id],
      dnsNames: ['web.emojivoto'],
      ipAddresses: ['10.0.0.1', 'fd00:0:0:0:0:0:0:1'],
      emailAddresses: ['a@b.test'],
      directoryNameCount: 1,
      otherNameCount: 1,
    })
    expect(inspectCertificate(leaf)).toContain(
      'Issuer:              O=mesh\\, inc., CN=identity.linkerd.cluster.local\n',
    )
  })

  test('is refused by both when a bit of the signature flips', async () => {
    const [leaf, issuer] = parseCertificates(chain.leaf + chain.issuer)
    if (leaf === undefined || issuer === undefined) throw new Error('expected two certificates')
    const der = leaf.der.slice()
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
    const trustAnchors = createTrustAnchors(parseCertificates(chain.root))
    const input = { chain: [parseCertificate(der), issuer], trustAnchors, now: new Date(), purpose: 'leaf' } as const
    expect(codeOf(() => verifyChain(input, { verifier: nodeVerifier }))).toBe('CERT_SIGNATURE_INVALID')
    await writeFile(path('bad.der'), der)
    const { code } = await openssl([
      'verify',
      '-CAfile',
      path(`${algorithm}-root.crt`),
      '-untrusted',
      path(`${algorithm}-issuer.crt`),
      path('bad.der'),
    ])
    expect(code).not.toBe(0)
  })
})

describe('what openssl makes and meshid refuses', () => {
  test('a P-521 key (Q9)', async () => {
    const pem = await make('p521', { algorithm: 'P-521', section: 'root', subject: '/CN=p521' })
    expect(codeOf(() => parseCertificates(pem))).toBe('CERT_UNSUPPORTED_ALGORITHM')
  })

  test('a signature with SHA-1: it is read, but no chain through it verifies', async () => {
    const root = await make('sha1-root', { algorithm: 'P-256', section: 'root', subject: '/CN=root' })
    const issuer = await make('sha1-issuer', {
      algorithm: 'P-256',
      section: 'intermediate',
      by: 'sha1-root',
      subject: '/CN=issuer',
      digest: 'sha1',
    })
    const trustAnchors = createTrustAnchors(parseCertificates(root))
    const input = { chain: parseCertificates(issuer), trustAnchors, now: new Date(), purpose: 'issuer' } as const
    expect(refusalOf(() => verifyChain(input, { verifier: nodeVerifier }))).toMatchObject({
      code: 'CERT_UNSUPPORTED_ALGORITHM',
      detail: { found: 'ecdsaWithSha1' },
    })
  })

  test('a leaf whose name its CA does not permit (X509-23, X509-24)', async () => {
    const pem = await make('constrained', { algorithm: 'P-256', section: 'constrained', subject: '/CN=constrained' })
    const trustAnchors = createTrustAnchors(parseCertificates(pem))
    const below = { algorithm: 'P-256', section: 'leaf', subject: '/', by: 'constrained' } as const
    const chain = parseCertificates(await make('outside', below))
    const input = { chain, trustAnchors, now: new Date(), purpose: 'leaf' } as const
    expect(refusalOf(() => verifyChain(input, { verifier: nobleVerifier }))).toMatchObject({
      code: 'CERT_NAME_NOT_PERMITTED',
      detail: { found: id, constraints: ['uri:.td.test'] },
    })
  })

  test('text around blocks does not disturb: openssl x509 -text output is a bundle (Q21)', async () => {
    const pem = await make('texted', { algorithm: 'P-256', section: 'root', subject: '/CN=texted' })
    const { stdout } = await openssl(['x509', '-text'], { input: pem })
    expect(parseCertificates(stdout.toString()).map(fingerprint)).toEqual(parseCertificates(pem).map(fingerprint))
  })
})
