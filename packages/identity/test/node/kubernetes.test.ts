import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCertificate, spiffeIdOfCertificate } from '@meshid/certificate'
import { type CertifyEvent, createCertifier, createIssuerHolder, spiffeProfile, statusOf } from '@meshid/identity'
import { nodeVerifier } from '@meshid/keys/node'
import { startKubernetesApi } from '@meshid/testkit'
import { createKubernetesReviewer } from '@meshid/token-review'
import { createClusterTransport } from '@meshid/token-review/node'
import { expect, test } from 'vitest'
import { forgeCsr } from '../forge-csr.ts'
import { bytes, newIssuer, now, refusalOf, trustDomain, webSpiffeId, workloadSigner as signer } from '../world.ts'

const web = { namespace: 'emojivoto', name: 'web' }
const profile = spiffeProfile({ trustDomain })

/** A certifier that asks a real API server over HTTPS who its callers are. */
async function startCluster() {
  const api = await startKubernetesApi()
  api.createServiceAccount(web)
  const folder = await mkdtemp(join(tmpdir(), 'meshid-identity-'))
  const [caFile, tokenFile] = [join(folder, 'ca.crt'), join(folder, 'token')]
  await writeFile(caFile, api.caPem)
  await writeFile(tokenFile, api.callerToken)
  const transport = createClusterTransport({ host: api.host, port: api.port, caFile, tokenFile })
  const issuer = createIssuerHolder()
  issuer.replace(await newIssuer(), now)
  const events: CertifyEvent[] = []
  const certifier = createCertifier({
    reviewer: createKubernetesReviewer({ transport }),
    profile,
    issuer,
    verifier: nodeVerifier,
    clock: { now: () => now },
    observer: (event) => void events.push(event),
  })
  const certify = (token: string, identity = webSpiffeId) =>
    certifier.certify({ identity, token: bytes(token), csr: forgeCsr({ signer }) })
  return {
    api,
    events,
    certify,
    async [Symbol.asyncDispose]() {
      transport[Symbol.dispose]()
      await api.close()
      await rm(folder, { recursive: true })
    },
  }
}

test('a real token of a real account becomes a leaf with its SPIFFE ID', async () => {
  await using cluster = await startCluster()
  const { leaf } = await cluster.certify(await cluster.api.createToken(web))
  expect(spiffeIdOfCertificate(parseCertificate(leaf)).toString()).toBe(webSpiffeId)
  expect(cluster.events.at(-1)).toMatchObject({
    type: 'issued',
    account: { username: 'system:serviceaccount:emojivoto:web' },
  })
})

test.each([
  ['expired', { expirationSeconds: -60 }, 'IDENTITY_TOKEN_REJECTED'],
  ['for another audience', { audiences: ['api'] }, 'IDENTITY_TOKEN_REJECTED'],
] as const)('a token that is %s is refused', async (_what, token, code) => {
  await using cluster = await startCluster()
  const error = await refusalOf(cluster.certify(await cluster.api.createToken({ ...web, ...token })))
  expect(error.code).toBe(code)
  expect(statusOf(error, profile).status).toBe('UNAUTHENTICATED')
})

test('a token of a deleted account is refused', async () => {
  await using cluster = await startCluster()
  const token = await cluster.api.createToken(web)
  cluster.api.deleteServiceAccount(web)
  expect((await refusalOf(cluster.certify(token))).code).toBe('IDENTITY_TOKEN_REJECTED')
})

test('the name of somebody else is refused', async () => {
  await using cluster = await startCluster()
  const error = await refusalOf(cluster.certify(await cluster.api.createToken(web), `${webSpiffeId}-admin`))
  expect(error).toMatchObject({ code: 'IDENTITY_MISMATCH', detail: { found: webSpiffeId } })
})

test('bytes that cannot be a token never reach the API server', async () => {
  await using cluster = await startCluster()
  const before = cluster.api.requestCount()
  expect((await refusalOf(cluster.certify('not a token'))).code).toBe('IDENTITY_TOKEN_INVALID')
  expect(cluster.api.requestCount()).toBe(before)
})

test('an API server that is gone is trouble of ours, not of the token', async () => {
  await using cluster = await startCluster()
  const token = await cluster.api.createToken(web)
  await cluster.api.close()
  const error = await refusalOf(cluster.certify(token))
  expect(error).toMatchObject({ code: 'IDENTITY_REVIEW_FAILED', detail: { causeCode: 'TOKEN_REVIEW_UNREACHABLE' } })
  expect(statusOf(error, profile)).toEqual({ status: 'UNAVAILABLE', message: 'the token could not be reviewed' })
})
