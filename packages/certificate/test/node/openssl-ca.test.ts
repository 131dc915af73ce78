import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { openssl } from '@meshid/testkit'
import {
  createIntermediateCertificate,
  createIssuer,
  createTrustAnchors,
  encodeCertificatePem,
} from '@meshid/certificate'
import { type Certificate, type Issuer, parseCertificate, parseCertificates } from '@meshid/certificate'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { newKey, webId } from '../ca.ts'

const verifier = nodeVerifier
let directory = ''
const file = (name: string): string => join(directory, name)

const config = `
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuer]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[nameless]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = none
authorityKeyIdentifier = none
[linkerd]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,digitalSignature,keyEncipherment,keyCertSign,cRLSign
extendedKeyUsage = serverAuth,clientAuth
[server-only]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
extendedKeyUsage = serverAuth
[codesigning]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
extendedKeyUsage = codeSigning
[no-sign]
basicConstraints = critical,CA:TRUE
keyUsage = critical,cRLSign
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
[constrained]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
nameConstraints = critical,permitted;URI:cluster.local
`

const run = async (...args: readonly string[]): Promise<void> => {
  const { code, stderr } = await openssl(args)
  if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
}

const keyArguments: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'P-384': ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'P-256 of ecparam': ['ecparam', '-name', 'prime256v1', '-genkey'],
  Ed25519: ['genpkey', '-algorithm', 'ED25519'],
  RSA: ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
}

/** A CA as an operator makes it with openssl: key and certificate files, read back by this package. */
async function createPair(
  name: string,
  { key, section, subject = `/CN=${name}`, by }: { key: string; section: string; subject?: string; by?: string },
): Promise<{ certificate: Certificate; signer: ReturnType<typeof createNodeSigner> }> {
  await run(...(keyArguments[key] ?? []), '-out', file(`${name}.key`))
  const request = ['-new', '-key', file(`${name}.key`), '-subj', subject, '-utf8', '-config', file('ca.cnf')]
  const signing = ['-days', '30', '-extfile', file('ca.cnf'), '-extensions', section, '-out', file(`${name}.crt`)]
  await run('req', ...request, '-out', file(`${name}.csr`))
  const authority =
    by === undefined ? ['-signkey', file(`${name}.key`)] : ['-CA', file(`${by}.crt`), '-CAkey', file(`${by}.key`)]
  await run('x509', '-req', '-in', file(`${name}.csr`), ...authority, '-CAcreateserial', ...signing)
  const [certificate] = parseCertificates(await readFile(file(`${name}.crt`), 'utf8'))
  if (!certificate) throw new Error('openssl wrote a certificate')
  const signer = createNodeSigner(parsePrivateKey(await readFile(file(`${name}.key`), 'utf8')))
  return { certificate, signer }
}

async function verifyWithOpenssl(issuer: Issuer, root: Certificate): Promise<Certificate> {
  const { der } = await issuer.issue({ identity: { spiffeId: webId }, key: newKey(), now: new Date() })
  const leaf = parseCertificate(der)
  const chain = issuer.chain.map((bytes) => encodeCertificatePem(parseCertificate(bytes)))
  await writeFile(file('root.pem'), encodeCertificatePem(root))
  await writeFile(file('chain.pem'), chain.join(''))
  const untrusted = chain.length > 0 ? ['-untrusted', file('chain.pem')] : []
  const options = ['-purpose', 'sslserver', '-CAfile', file('root.pem'), ...untrusted]
  const result = await openssl(['verify', ...options], { input: encodeCertificatePem(leaf) })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  return leaf
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meshid-openssl-ca-'))
  await writeFile(file('ca.cnf'), config)
  await createPair('root', { key: 'P-256', section: 'root' })
})

afterAll(() => rm(directory, { recursive: true }))

async function rootOf(name = 'root'): Promise<Certificate> {
  const [root] = parseCertificates(await readFile(file(`${name}.crt`), 'utf8'))
  if (!root) throw new Error('the root is there')
  return root
}

async function createIssuerBelow(
  name: string,
  pair: { key: string; section: string; subject?: string; by?: string },
): Promise<Issuer> {
  const { certificate, signer } = await createPair(name, { by: 'root', ...pair })
  const root = await rootOf(pair.by)
  const trustAnchors = createTrustAnchors([root])
  return createIssuer({ chain: [certificate], signer, trustAnchors, now: new Date() }, { verifier })
}

describe('a CA pair made by openssl issues', () => {
  test.each(['P-256', 'P-384', 'P-256 of ecparam', 'Ed25519'])('with a %s key', async (key) => {
    const name = `issuer-${key.replaceAll(' ', '-')}`
    const issuer = await createIssuerBelow(name, { key, section: 'issuer' })
    const leaf = await verifyWithOpenssl(issuer, await rootOf())
    expect(leaf.authorityKeyIdentifier).toEqual(issuer.certificate.subjectKeyIdentifier)
  })

  test('under any name, which leaves repeat byte for byte', async () => {
    const subject = '/DC=local/C=DE/O=Änderungs-Dienst, GmbH & Co. + 1/OU=a\\/b/CN=Gemeinsamer Name ☂'
    const issuer = await createIssuerBelow('named', { key: 'P-256', section: 'issuer', subject })
    const leaf = await verifyWithOpenssl(issuer, await rootOf())
    expect(leaf.issuer.bytes).toEqual(issuer.certificate.subject.bytes)
  })

  test('without a key identifier of its own', async () => {
    const issuer = await createIssuerBelow('nameless', { key: 'P-256', section: 'nameless' })
    expect(issuer.certificate.subjectKeyIdentifier).toBeUndefined()
    expect((await verifyWithOpenssl(issuer, await rootOf())).authorityKeyIdentifier).toHaveLength(20)
  })

  test('with the extended key usages that Linkerd leaves on CAs (Q23)', async () => {
    await verifyWithOpenssl(await createIssuerBelow('linkerd', { key: 'P-256', section: 'linkerd' }), await rootOf())
  })

  test('as root and issuer in one, as a quick installation of Linkerd has it (Q49)', async () => {
    const { certificate, signer } = await createPair('alone', { key: 'P-256', section: 'root' })
    const trustAnchors = createTrustAnchors([certificate])
    const issuer = await createIssuer({ chain: [certificate], signer, trustAnchors, now: new Date() }, { verifier })
    expect(issuer.chain).toEqual([])
    await verifyWithOpenssl(issuer, certificate)
  })

  test('under name constraints, inside of them only (X509-23)', async () => {
    const issuer = await createIssuerBelow('constrained', { key: 'P-256', section: 'constrained' })
    await verifyWithOpenssl(issuer, await rootOf())
    const identity = { spiffeId: parseSpiffeId('spiffe://other.test/ns/shop/sa/web') }
    await expect(issuer.issue({ identity, key: newKey(), now: new Date() })).rejects.toMatchObject({
      code: 'CERT_SELF_CHECK_FAILED',
      cause: { code: 'CERT_NAME_NOT_PERMITTED' },
    })
  })

  test('below an RSA root', async () => {
    await createPair('rsa-root', { key: 'RSA', section: 'root' })
    const issuer = await createIssuerBelow('below-rsa', { key: 'P-256', section: 'issuer', by: 'rsa-root' })
    await verifyWithOpenssl(issuer, await rootOf('rsa-root'))
  })

  test('below a root that signs an intermediate of ours', async () => {
    const { certificate: root, signer: rootSigner } = await createPair('upper', { key: 'P-384', section: 'root' })
    const { signer } = await createPair('ours', { key: 'P-256', section: 'root' })
    const issuerOfOurs = { chain: [root], signer: rootSigner }
    const commonName = 'identity.linkerd.cluster.local'
    const ours = await createIntermediateCertificate({
      issuer: issuerOfOurs,
      key: signer.key,
      commonName,
      now: new Date(),
      verifier,
    })
    const trustAnchors = createTrustAnchors([root])
    await verifyWithOpenssl(
      await createIssuer({ chain: [ours], signer, trustAnchors, now: new Date() }, { verifier }),
      root,
    )
  })
})

describe('a pair made by openssl is refused', () => {
  test.each([
    ['with an RSA key, though every signature of it would verify (Q10)', 'RSA', 'issuer', 'CERT_UNSUPPORTED_ALGORITHM'],
    ['without keyCertSign (Q11)', 'P-256', 'no-sign', 'CERT_NO_KEY_CERT_SIGN'],
    ['as a leaf', 'P-256', 'leaf', 'CERT_NOT_A_CA'],
    ['for servers only (Q11)', 'P-256', 'server-only', 'CERT_EXTENDED_KEY_USAGE_MISMATCH'],
    ['for another purpose (Q11)', 'P-256', 'codesigning', 'CERT_EXTENDED_KEY_USAGE_MISMATCH'],
  ])('%s', async (_, key, section, code) => {
    await expect(createIssuerBelow(`refused-${section}-${key}`, { key, section })).rejects.toMatchObject({ code })
  })

  test('below an issuer with path length 0 (Q11)', async () => {
    await createPair('full', { key: 'P-256', section: 'issuer', by: 'root' })
    const { certificate, signer } = await createPair('too-deep', { key: 'P-256', section: 'issuer', by: 'full' })
    const [full] = parseCertificates(await readFile(file('full.crt'), 'utf8'))
    if (!full) throw new Error('the certificate is there')
    const source = {
      chain: [certificate, full],
      signer,
      trustAnchors: createTrustAnchors([await rootOf()]),
      now: new Date(),
    }
    await expect(createIssuer(source, { verifier })).rejects.toMatchObject({ code: 'CERT_PATH_LENGTH_EXCEEDED' })
  })

  test('of which key and certificate are not a pair', async () => {
    const { certificate } = await createPair('one', { key: 'P-256', section: 'issuer', by: 'root' })
    const { signer } = await createPair('other', { key: 'P-256', section: 'issuer', by: 'root' })
    const source = { chain: [certificate], signer, trustAnchors: createTrustAnchors([await rootOf()]), now: new Date() }
    await expect(createIssuer(source, { verifier })).rejects.toMatchObject({ code: 'CERT_KEY_MISMATCH' })
  })
})
