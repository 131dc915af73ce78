import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  encodeCertificatePem,
  type Issuer,
  parseCertificate,
  parseCertificates,
  type WorkloadIdentity,
} from '@meshid/certificate'
import type { PrivateKey } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { linkerdName, parseSpiffeId, parseTrustDomain, serviceAccount, type SpiffeId } from '@meshid/spiffe-id'
import { openssl, type TestCa } from '@meshid/testkit'
import { type Credential, parseWorkloadName, verifyCredential } from '@meshid/workload'

export const now = new Date('2026-11-21T12:00:00Z')
export const hourMs = 3_600_000

export const trustDomain = parseTrustDomain('cluster.local')
export const idOf = (account: string): SpiffeId => parseSpiffeId(`spiffe://cluster.local/ns/emojivoto/sa/${account}`)
export const web = idOf('web')
export const voting = idOf('voting')

/** `web` as Linkerd would call it. */
export const webDnsName = linkerdName({
  serviceAccount: serviceAccount('emojivoto', 'web'),
  controlNamespace: 'linkerd',
  trustDomain,
})

/** A certificate and its key as a TLS library wants them, whatever they are worth. */
export interface RawIdentity {
  readonly cert: string
  readonly key: string
}

/** A leaf of the CA as the identity service would hand it out. */
export async function rawIdentity(
  ca: TestCa,
  identity: WorkloadIdentity,
  options: { readonly now?: Date } = { now },
): Promise<RawIdentity> {
  const { leaf, intermediates, privateKey } = await ca.issue(identity, options)
  const chain = [leaf, ...intermediates].map((der) => encodeCertificatePem(parseCertificate(der)))
  return { cert: chain.join(''), key: privateKey.toPkcs8Pem() }
}

/** A credential in the way that a workload gets it: issued, then verified. */
export async function credentialOf(
  ca: TestCa,
  spiffeId: SpiffeId,
  { at = now, issuer = ca.issuer }: { readonly at?: Date; readonly issuer?: Issuer } = {},
): Promise<Credential> {
  const privateKey = generateNodePrivateKey('P-256')
  const issued = await issuer.issue({ identity: { spiffeId }, key: createNodeSigner(privateKey).key, now: at })
  const answer = { leaf: issued.der, intermediates: issuer.chain, validUntil: issued.notAfter }
  const name = parseWorkloadName(spiffeId.toString())
  return verifyCredential(answer, { name, privateKey, trustAnchors: ca.trustAnchors, now: at })
}

/** What no honest issuer of ours would sign: openssl signs it with the issuer's key, with the extensions as given. */
export async function oddLeaf(
  ca: TestCa,
  extensions: readonly string[],
  privateKey: PrivateKey = generateNodePrivateKey('P-256'),
): Promise<{ readonly leaf: Uint8Array; readonly raw: RawIdentity }> {
  const folder = await mkdtemp(join(tmpdir(), 'meshid-odd-'))
  const path = (name: string): string => join(folder, name)
  try {
    await writeFile(path('key.pem'), privateKey.toPkcs8Pem())
    await writeFile(path('issuer.pem'), ca.issuerPem)
    await writeFile(path('issuer.key'), ca.issuerKey.toPkcs8Pem())
    await writeFile(path('extensions'), extensions.join('\n'))
    const request = await openssl(['req', '-new', '-key', path('key.pem'), '-subj', '/O=odd', '-out', path('csr.pem')])
    if (request.code !== 0) throw new Error(request.stderr)
    const signing = ['x509', '-req', '-in', path('csr.pem'), '-CA', path('issuer.pem'), '-CAkey', path('issuer.key')]
    const made = await openssl([...signing, '-extfile', path('extensions'), '-days', '30', '-out', path('leaf.pem')])
    if (made.code !== 0) throw new Error(made.stderr)
    const pem = await readFile(path('leaf.pem'), 'utf8')
    const [certificate] = parseCertificates(pem)
    if (certificate === undefined) throw new Error('openssl made no certificate')
    return { leaf: certificate.der, raw: { cert: pem + ca.issuerPem, key: privateKey.toPkcs8Pem() } }
  } finally {
    await rm(folder, { recursive: true })
  }
}
