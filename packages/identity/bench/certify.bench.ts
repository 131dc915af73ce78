import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import {
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
} from '@meshid/certificate'
import { createCertifier, createIssuerHolder, spiffeProfile } from '@meshid/identity'
import { generatePrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { parseTrustDomain, serviceAccount, spiffeIdOf } from '@meshid/spiffe-id'
import type { TokenReviewer } from '@meshid/token-review'
import { expect, test } from 'vitest'
import { forgeCsr } from '../test/forge-csr.ts'

const ROUNDS = 60
const CALLS = 40

/** Everything that one certifier needs, on node:crypto, with an authority that answers at once. */
async function newCertifier() {
  const now = new Date()
  const rootSigner = createNodeSigner(generatePrivateKey())
  const root = await createRootCertificate({ signer: rootSigner, commonName: 'root.bench', now })
  const signer = createNodeSigner(generatePrivateKey())
  const ca = { chain: [root], signer: rootSigner }
  const certificate = await createIntermediateCertificate({
    issuer: ca,
    key: signer.key,
    commonName: 'issuer.bench',
    now,
  })
  const source = { chain: [certificate], signer, trustAnchors: createTrustAnchors([root]), now }
  const issuer = createIssuerHolder()
  issuer.replace(await createIssuer(source, { verifier: nodeVerifier }), now)
  const account = serviceAccount('emojivoto', 'web')
  const answer = { serviceAccount: account, username: account.username, groups: [], audiences: [], extra: {} }
  const reviewer: TokenReviewer = { review: () => Promise.resolve(answer) }
  const trustDomain = parseTrustDomain('cluster.local')
  const clock = { now: () => new Date() }
  const profile = spiffeProfile({ trustDomain })
  const certifier = createCertifier({ reviewer, profile, issuer, verifier: nodeVerifier, clock })
  return { certifier, identity: spiffeIdOf(account, trustDomain).toString() }
}

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN

test('the whole of createCertifier.certify over F, one verification and one signature of node:crypto', async () => {
  const { certifier, identity } = await newCertifier()
  const signer = createNodeSigner(generatePrivateKey())
  const csr = forgeCsr({ signer })
  const token = new Uint8Array(1000).fill(0x61)
  const privateKey = createPrivateKey({
    key: Buffer.from(generatePrivateKey().toPkcs8()),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(privateKey)
  const message = new Uint8Array(300).fill(0x61)
  const signature = sign('sha256', message, privateKey)
  const floor = () => {
    verify('sha256', message, publicKey, signature)
    sign('sha256', message, privateKey)
  }
  const times: { floor: number[]; certify: number[] } = { floor: [], certify: [] }
  for (let round = 0; round < 2 * ROUNDS; round++) {
    let start = performance.now()
    for (let call = 0; call < CALLS; call++) floor()
    times.floor.push(performance.now() - start)
    start = performance.now()
    for (let call = 0; call < CALLS; call++) await certifier.certify({ identity, token, csr })
    times.certify.push(performance.now() - start)
  }
  const [floorMs, certifyMs] = [times.floor, times.certify].map((all) => median(all.slice(ROUNDS)) / CALLS)
  const ratio = Number(certifyMs) / Number(floorMs)
  console.log(`F ${(Number(floorMs) * 1000).toFixed(1)} µs, certify ${(Number(certifyMs) * 1000).toFixed(1)} µs`)
  console.log(`${ratio.toFixed(2)} × F  createCertifier.certify with an instant reviewer`)
  expect(ratio).toBeLessThan(3)
})
