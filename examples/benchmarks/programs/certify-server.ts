/**
 * A server of the Identity API in a process of its own, as the identity server composes it, with a reviewer that answers at once:
 * `certify-server.ts http2|grpc-js|pkijs`. It tells its processor time and its own F when it is asked.
 */
import { createCsrMemory } from '@meshid/csr'
import { createCertifier, createIssuerHolder, spiffeProfile } from '@meshid/identity'
import { nodeSha256Hex, nodeVerifier } from '@meshid/keys/node'
import {
  createGrpcJsRpcServer,
  createHttp2RpcServer,
  createIdentityService,
  type IdentityServiceOptions,
} from '@meshid/rpc'
import { serviceAccount } from '@meshid/spiffe-id'
import { answerLines } from '../src/answer-lines.ts'
import { createBenchCa } from './bench-ca.ts'
import { REMEMBERED_CSRS } from './certify-requests.ts'
import { profileCalls } from './cpu-profile.ts'
import { createFloor, createWorkloads, inTurn, spiffeId } from './workloads.ts'

/** How often F is run when it is asked for. */
const FLOOR_RUNS = 300

const [kind = 'http2'] = process.argv.slice(2)
const ca = await createBenchCa()

function meshidCertify(): IdentityServiceOptions['certify'] {
  const issuer = createIssuerHolder()
  issuer.replace(ca.issuer, new Date())
  const account = serviceAccount('emojivoto', 'web')
  const answer = { serviceAccount: account, username: account.username, groups: [], audiences: [], extra: {} }
  const certifier = createCertifier({
    reviewer: { review: () => Promise.resolve(answer) },
    profile: spiffeProfile({ trustDomain: spiffeId.trustDomain }),
    issuer,
    csrMemory: createCsrMemory({ verifier: nodeVerifier, digest: nodeSha256Hex, maxEntries: REMEMBERED_CSRS }),
    clock: { now: () => new Date() },
    monotonicMs: () => performance.now(),
  })
  return async ({ identity, token, certificateSigningRequest: csr }, { signal }) => {
    const { leaf, intermediates, validUntil } = await certifier.certify({ identity, token, csr }, { signal })
    return { leafCertificate: leaf, intermediateCertificates: intermediates, validUntil }
  }
}

async function pkijsCertify(): Promise<IdentityServiceOptions['certify']> {
  const { createPkijsCa } = await import('./peers/pkijs-ca.ts')
  const peer = await createPkijsCa()
  return async ({ certificateSigningRequest }) => {
    const { der, notAfter } = await peer.issue(certificateSigningRequest)
    return { leafCertificate: der, intermediateCertificates: [ca.certificate.der], validUntil: notAfter }
  }
}

const certify = kind === 'pkijs' ? await pkijsCertify() : meshidCertify()
const create = kind === 'http2' ? createHttp2RpcServer : createGrpcJsRpcServer
const server = create({ services: [createIdentityService({ certify })] })
const floor = createFloor(inTurn(await createWorkloads(100)), ca.signerKey)

answerLines(await server.listen('127.0.0.1:0'), {
  floor() {
    const before = process.cpuUsage()
    for (let run = 0; run < FLOOR_RUNS; run++) floor()
    const { user, system } = process.cpuUsage(before)
    return { microseconds: (user + system) / FLOOR_RUNS }
  },
  ...profileCalls(),
})
