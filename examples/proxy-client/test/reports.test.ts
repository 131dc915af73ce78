import { parseCertificate } from '@meshid/certificate'
import { createLogger } from '@meshid/example-operations'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { parseWorkloadName, verifyCredential, WorkloadError } from '@meshid/workload'
import { expect, test } from 'vitest'
import { createCertificationReport } from '../src/certification-report.ts'
import { createMetrics } from '../src/metrics.ts'
import { createPeerReport, describeError } from '../src/peer-report.ts'
import { idOf } from './world.ts'

const now = new Date('2026-11-21T12:00:00Z')
const ca = await createTestCa({ now })

function createReports() {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => {
    const { time: _time, ...fields } = JSON.parse(line)
    lines.push(fields)
  }
  const log = createLogger({ level: 'debug', format: 'json', write })
  const metrics = createMetrics()
  return {
    lines,
    metrics,
    peers: createPeerReport(log, metrics),
    certification: createCertificationReport(log, metrics),
  }
}

async function peerOf(account: string) {
  const spiffeId = parseSpiffeId(idOf(account))
  return { spiffeId, certificate: parseCertificate((await ca.issue({ spiffeId })).leaf) }
}

test('each certificate of a peer is told once at level info and direction, then at debug', async () => {
  const { lines, peers, metrics } = createReports()
  const [web, voting] = [await peerOf('web'), await peerOf('voting')]
  peers.verified('inbound', web)
  peers.verified('inbound', web)
  peers.verified('outbound', web)
  peers.verified('inbound', voting)
  expect(lines.map(({ level, direction, peer_id: id }) => [level, direction, id])).toEqual([
    ['info', 'inbound', idOf('web')],
    ['debug', 'inbound', idOf('web')],
    ['info', 'outbound', idOf('web')],
    ['info', 'inbound', idOf('voting')],
  ])
  expect(lines[0]).toEqual({
    level: 'info',
    msg: 'Peer verified',
    direction: 'inbound',
    peer_id: idOf('web'),
    peer_issuer: 'identity.linkerd.cluster.local',
    peer_not_after: '2026-11-21T13:00:00.000Z',
  })
  expect(await metrics.registry.metrics()).toContain(
    'meshid_proxy_connections_total{direction="inbound",result="accepted"} 3',
  )
})

test('what is remembered of peers has a limit', async () => {
  const { lines, peers } = createReports()
  const web = await peerOf('web')
  const serials = Array.from({ length: 1025 }, (_value, index) => String(index))
  for (const serialNumber of serials) {
    peers.verified('inbound', {
      ...web,
      certificate: Object.create(web.certificate, { serialNumber: { value: serialNumber } }),
    })
  }
  peers.verified('inbound', { ...web, certificate: Object.create(web.certificate, { serialNumber: { value: '0' } }) })
  expect(lines.at(-1)).toMatchObject({ level: 'info' })
})

test('refusals, broken connections and a missing app are told with their codes', async () => {
  const { lines, peers, metrics } = createReports()
  peers.refused('inbound', new WorkloadError('WORKLOAD_PEER_NOT_AUTHORIZED', 'not you'))
  peers.broken('outbound', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  peers.unreachable('127.0.0.1:8000', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
  expect(lines).toEqual([
    {
      level: 'warning',
      msg: 'Peer refused',
      direction: 'inbound',
      code: 'WORKLOAD_PEER_NOT_AUTHORIZED',
      reason: 'not you',
    },
    { level: 'info', msg: 'Connection broken', direction: 'outbound', code: 'ECONNRESET', reason: 'read ECONNRESET' },
    {
      level: 'warning',
      msg: 'App unreachable',
      direction: 'inbound',
      app: '127.0.0.1:8000',
      code: 'ECONNREFUSED',
      reason: 'refused',
    },
  ])
  const text = await metrics.registry.metrics()
  for (const [direction, result] of [
    ['inbound', 'refused'],
    ['outbound', 'broken'],
    ['inbound', 'app_unreachable'],
  ]) {
    expect(text).toContain(`meshid_proxy_connections_total{direction="${direction}",result="${result}"} 1`)
  }
})

test('each certificate, failure and expiry is told and counted; failed calls count too (Q34)', async () => {
  const { lines, certification, metrics } = createReports()
  const spiffeId = parseSpiffeId(idOf('web'))
  const { privateKey, ...answer } = await ca.issue({ spiffeId })
  const name = parseWorkloadName(idOf('web'))
  const credential = verifyCredential(answer, { name, privateKey, trustAnchors: ca.trustAnchors, now })
  const { notBefore, notAfter, leaf } = credential
  const error = Object.assign(new Error('no connection'), { code: 'RPC_UNAVAILABLE' })
  certification({ type: 'failed', error, attempt: 1, nextAttemptAt: now }, undefined)
  certification({ type: 'renewed', validity: { notBefore, notAfter }, attempt: 2 }, credential)
  certification({ type: 'scheduled', nextAttemptAt: notAfter }, credential)
  certification({ type: 'expired', expiredAt: notAfter }, credential)
  certification({ type: 'listener-failed', error }, credential)
  certification({ type: 'not-extended', validity: { notBefore, notAfter }, gainMs: 0 }, credential)
  certification({ type: 'key-not-written', error }, credential)
  certification({ type: 'clock-skew', differenceMs: -7000, marginMs: 3000 }, credential)
  expect(lines).toEqual([
    {
      level: 'warning',
      msg: 'Failed to obtain identity',
      code: 'RPC_UNAVAILABLE',
      reason: 'no connection',
      next_attempt: now.toISOString(),
    },
    {
      level: 'info',
      msg: 'Certified identity',
      id: idOf('web'),
      not_before: notBefore.toISOString(),
      not_after: notAfter.toISOString(),
      serial: leaf.serialNumber,
      issuer: 'identity.linkerd.cluster.local',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      attempt: 2,
    },
    { level: 'debug', msg: 'Waiting to refresh identity', next_attempt: notAfter.toISOString() },
    { level: 'error', msg: 'Identity certificate has expired', expired_at: notAfter.toISOString() },
    { level: 'error', msg: 'A listener of the credential failed', code: 'RPC_UNAVAILABLE', reason: 'no connection' },
    {
      level: 'warning',
      msg: 'The renewal did not extend the certificate; the issuer may be about to expire',
      not_after: notAfter.toISOString(),
      gain_ms: 0,
    },
    {
      level: 'error',
      msg: 'The new key is in use, but could not be written',
      code: 'RPC_UNAVAILABLE',
      reason: 'no connection',
    },
    {
      level: 'warning',
      msg: 'The clock differs from that of the issuer; certificates may seem expired or not yet valid',
      difference_ms: -7000,
      margin_ms: 3000,
    },
  ])
  const text = await metrics.registry.metrics()
  expect(text).toContain('control_identity_cert_refreshes_total{result="ok"} 1')
  expect(text).toContain('control_identity_cert_refreshes_total{result="error"} 1')
  expect(text).toContain('meshid_proxy_certify_failures_total{reason="RPC_UNAVAILABLE"} 1')
  expect(text).toContain(`control_identity_cert_expiration_timestamp_seconds ${notAfter.getTime() / 1000}`)
  expect(text).toMatch(/control_identity_cert_refresh_timestamp_seconds \d+/)
})

test('anything can be described', () => {
  expect(describeError('text')).toEqual({ code: 'UNKNOWN', reason: 'text' })
  expect(describeError(new TypeError('x'))).toEqual({ code: 'TypeError', reason: 'x' })
  expect(describeError(Object.assign(new Error('x'), { code: 7 }))).toEqual({ code: 'Error', reason: 'x' })
})
