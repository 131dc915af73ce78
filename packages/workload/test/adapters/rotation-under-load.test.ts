import { createTrustAnchors, type Issuer, type TrustAnchors } from '@meshid/certificate'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { systemClock } from '@meshid/refresh'
import type { SpiffeId } from '@meshid/spiffe-id'
import { authorizeId } from '@meshid/svid'
import { createTestCa, type TestCa } from '@meshid/testkit'
import {
  createCredentialStore,
  type Credential,
  parseWorkloadName,
  type PeerTrust,
  trustBundlesOf,
  verifyCredential,
  type WorkloadError,
} from '@meshid/workload'
import { expect, test } from 'vitest'
import { sourceOf } from '../mtls-rig.ts'
import { createQueue } from '../queue.ts'
import { trustDomain, voting, web } from '../world.ts'
import { adapterRows } from './adapter-rows.ts'
import { runLoad } from './load.ts'

const REQUESTS_PER_SECOND = 200
/** A change every third of a second. */
const REQUESTS_PER_CHANGE = 66

/** A mesh of two workloads whose certificates, issuers and root are replaced while it runs. */
async function createMesh(oldCa: TestCa, newCa: TestCa) {
  let issuer: Issuer = oldCa.issuer
  const anchors: { current: TrustAnchors } = { current: oldCa.trustAnchors }
  const bundles = trustBundlesOf(trustDomain, anchors)
  const [server, client] = [createCredentialStore(), createCredentialStore()]
  const trustIn = (peer: SpiffeId): PeerTrust => ({ bundles, authorize: authorizeId(peer), now: () => new Date() })
  const rotateLeaves = async (): Promise<void> => {
    server.publish(await certify(voting, issuer, anchors.current))
    client.publish(await certify(web, issuer, anchors.current))
  }
  const changeIssuer = async (next: Issuer): Promise<void> => {
    issuer = next
    await rotateLeaves()
  }
  const changes: (() => Promise<void>)[] = [
    ...Array.from({ length: 7 }, () => rotateLeaves),
    async () => changeIssuer((await oldCa.anotherIssuer('identity-2')).issuer),
    ...Array.from({ length: 7 }, () => rotateLeaves),
    async () => changeIssuer((await oldCa.anotherIssuer('identity-3')).issuer),
    ...Array.from({ length: 3 }, () => rotateLeaves),
    async () => void (anchors.current = createTrustAnchors([oldCa.root, newCa.root])),
    () => changeIssuer(newCa.issuer),
    async () => void (anchors.current = newCa.trustAnchors),
    ...Array.from({ length: 3 }, () => rotateLeaves),
  ]
  await rotateLeaves()
  return { server: server.source, client: client.source, trustIn, changes }
}

async function certify(spiffeId: SpiffeId, issuer: Issuer, trustAnchors: TrustAnchors): Promise<Credential> {
  const now = new Date()
  const privateKey = generateNodePrivateKey('P-256')
  const issued = await issuer.issue({ identity: { spiffeId }, key: createNodeSigner(privateKey).key, now })
  const answer = { leaf: issued.der, intermediates: issuer.chain, validUntil: issued.notAfter }
  return verifyCredential(answer, { name: parseWorkloadName(String(spiffeId)), privateKey, trustAnchors, now })
}

const now = new Date()
const [oldCa, newCa] = [await createTestCa({ now }), await createTestCa({ now })]

test.each(adapterRows)(
  '$name: 20 new leaves, 2 new issuers and a new root at 200 requests a second, and none fails',
  async (row) => {
    const mesh = await createMesh(oldCa, newCa)
    const refused = createQueue<WorkloadError>()
    const server = await row.startServer({
      source: mesh.server,
      trust: mesh.trustIn(web),
      lifetime: { clock: systemClock, onRotation: 'drain' },
      onRefused: (error) => refused.push(error),
    })
    const client = row.createClient({ port: server.port, source: mesh.client, trust: mesh.trustIn(voting) })
    const old = await certify(web, oldCa.issuer, oldCa.trustAnchors)
    const changes = [...mesh.changes]
    const report = await runLoad(client, {
      requestsPerSecond: REQUESTS_PER_SECOND,
      requests: (changes.length + 1) * REQUESTS_PER_CHANGE,
      expected: String(web),
      async before(index) {
        if (index > 0 && index % REQUESTS_PER_CHANGE === 0) await changes.shift()?.()
      },
    })
    // A pool gives up connections that it does not need after all; what that breaks would be a failed request.
    const refusals = refused.all.filter(({ code }) => code !== 'WORKLOAD_PEER_HANDSHAKE_FAILED')
    const resent = client.resent === undefined ? '' : `, ${client.resent} sent again after GOAWAY`
    await client.close()
    const rotations = mesh.changes.length - changes.length
    const pause = report.longestPauseMs.toFixed(0)
    const line = `${report.requests} requests, ${report.failures.length} failed, ${rotations} changes, longest pause ${pause} ms${resent}`
    process.stdout.write(`${row.name}: ${line}\n`)
    expect(report.failures.slice(0, 5)).toEqual([])
    expect(refusals).toEqual([])
    expect(changes).toEqual([])

    const left = row.createClient({ port: server.port, source: sourceOf(old), trust: mesh.trustIn(voting) })
    await expect(left.ask()).rejects.toThrow()
    const error = await refused.next(({ code }) => code !== 'WORKLOAD_PEER_HANDSHAKE_FAILED')
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNTRUSTED', detail: { found: 'SVID_UNKNOWN_AUTHORITY' } })
    process.stdout.write(`${row.name}: ${error.message}\n`)
    await left.close()
    await server.close()
  },
  60_000,
)
