import { readFile } from 'node:fs/promises'
import { fingerprint, parseCertificates } from '@meshid/certificate'
import { createIssuerHolder } from '@meshid/identity'
import { createTestCa } from '@meshid/testkit'
import { describe, expect, test, vi } from 'vitest'
import { countAuditLines } from '../src/metrics/count-audit-lines.ts'
import { createMetrics } from '../src/metrics/create-metrics.ts'
import { countTls, gaugeTlsCertificate } from '../src/tls-metrics.ts'
import { startServer } from './server-process.ts'
import { createWorld, goodRequest } from './world.ts'

vi.setConfig({ testTimeout: 30_000 })

const start = new Date('2026-11-21T12:00:00Z')

interface Described {
  readonly name: string
  readonly type: string
  readonly labels: string
}

const cell = (text: string): string => text.replaceAll(/[`\s]/g, '')

/** The rows of the table in the README. */
async function documented(): Promise<readonly Described[]> {
  const text = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const [, table = ''] = /\n\| metric +\|[^\n]*\n\|[-| ]+\n((?:\|[^\n]*\n)+)/.exec(text) ?? []
  return table
    .trimEnd()
    .split('\n')
    .map((row) => {
      const [, name = '', type = '', labels = ''] = row.split('|').map(cell)
      return { name, type, labels }
    })
}

/** What a server of this code registers, without what prom-client adds about the process. */
function registered(): readonly Described[] {
  const { registry } = createMetrics({ issuer: () => undefined, trustAnchors: () => undefined }, { now: () => start })
  countTls(registry)
  gaugeTlsCertificate(registry)
  countAuditLines(registry)
  const all = registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string
    readonly type: string
    readonly labelNames?: readonly string[]
  }[]
  return all
    .filter(({ name }) => !/^(process|nodejs)_/.test(name))
    .map(({ name, type, labelNames = [] }) => ({ name, type, labels: labelNames.join(',') }))
}

const byName = (one: Described, other: Described): number => (one.name < other.name ? -1 : 1)

describe('metrics', () => {
  test('are in the table of the README, all of them and no other, with type and labels', async () => {
    expect((await documented()).toSorted(byName)).toEqual(registered().toSorted(byName))
  })

  test('name the issuer and each trust anchor with the time of its end', async () => {
    const { issuer, trustAnchors, root } = await createTestCa({ now: start, caLifetimeMs: 3_600_000 })
    const holder = createIssuerHolder()
    holder.replace(issuer, start)
    const sources = { issuer: () => holder.current, trustAnchors: () => trustAnchors }
    const { registry } = createMetrics(sources, { now: () => start })
    const text = await registry.metrics()
    const end = start.getTime() / 1000 + 3600
    const labels = (name: string, print: string): string => `{subject="${name}",fingerprint="${print.slice(0, 16)}"}`
    const ofIssuer = labels('identity.linkerd.cluster.local', fingerprint(issuer.certificate))
    const ofAnchor = labels('root.linkerd.cluster.local', fingerprint(root))
    expect(text).toContain(`issuer_cert_not_after_timestamp_seconds${ofIssuer} ${end}\n`)
    expect(text).toContain(`trust_anchor_not_after_timestamp_seconds${ofAnchor} ${end}\n`)
    expect(text).toContain('issuer_cert_ttl_seconds 3600\n')
  })
})

describe('/metrics of a server', () => {
  test('begins each number at 0, and knows what it lives by', async () => {
    await using world = await createWorld()
    await using server = await startServer(world)
    const { body } = await server.get('/metrics')
    const certify = 'grpc_type="unary",grpc_service="io.linkerd.proxy.identity.Identity",grpc_method="Certify"'
    for (const line of [
      `grpc_server_started_total{${certify}} 0`,
      `grpc_server_msg_received_total{${certify}} 0`,
      `grpc_server_handling_seconds_count{${certify}} 0`,
      'identity_certificates_issued_total 0',
      'identity_requests_refused_total{code="IDENTITY_MISMATCH"} 0',
      'identity_reloads_total{source="issuer",outcome="accepted"} 1',
      'identity_reloads_total{source="trust-anchors",outcome="refused"} 0',
      'http_client_qps{client="k8s"} 100',
      'http_client_burst{client="k8s"} 200',
      'http_client_requests_total{client="k8s",code="201",method="post"} 1',
      'identity_review_queue_depth 0',
      'identity_events_total{outcome="posted"} 0',
      'identity_csrs_total{outcome="remembered"} 0',
    ]) {
      expect(body).toContain(`${line}\n`)
    }
    const notAfter = Number(/^issuer_cert_not_after_timestamp_seconds\{.*\} (\d+)$/m.exec(body)?.[1])
    expect(notAfter).toBe(world.ca.issuer.notAfter.getTime() / 1000)
    const ttl = Number(/^issuer_cert_ttl_seconds (\S+)$/m.exec(body)?.[1])
    expect(Math.abs(notAfter - Date.now() / 1000 - ttl)).toBeLessThan(10)
  })

  test('counts what was issued and refused, calls by status, and token reviews by outcome and layer', async () => {
    await using world = await createWorld()
    await using server = await startServer(world, ['-token-precheck=false'])
    const good = await goodRequest(world)
    const { validUntil } = await server.certify(good)
    const refused = [
      { ...good, token: new TextEncoder().encode('a.b.c') },
      { ...good, identity: 'spiffe://cluster.local/ns/emojivoto/sa/voting' },
      { ...good, certificateSigningRequest: new Uint8Array(1_000_000) },
    ]
    for (const request of refused) await server.certify(request).catch(() => {})
    const { body } = await server.get('/metrics')
    expect(body).toMatch(/^grpc_server_started_total\{.*\} 4$/m)
    expect(body).toMatch(/^grpc_server_msg_received_total\{.*\} 3$/m)
    expect(body).toMatch(/^grpc_server_msg_sent_total\{.*\} 1$/m)
    expect(body).toMatch(/^grpc_server_handling_seconds_count\{.*\} 4$/m)
    for (const code of ['OK', 'Unauthenticated', 'FailedPrecondition', 'ResourceExhausted']) {
      expect(body).toMatch(new RegExp(`^grpc_server_handled_total\\{.*grpc_code="${code}"\\} 1$`, 'm'))
    }
    for (const line of [
      'identity_certificates_issued_total 1',
      `identity_certificate_not_after_timestamp_seconds ${validUntil.getTime() / 1000}`,
      'identity_requests_refused_total{code="IDENTITY_TOKEN_REJECTED"} 1',
      'identity_requests_refused_total{code="IDENTITY_MISMATCH"} 1',
      'identity_token_review_seconds_count{outcome="accepted"} 2',
      'identity_token_review_seconds_count{outcome="TOKEN_REVIEW_REJECTED"} 1',
      'identity_review_outcomes_total{layer="reviewer",outcome="accepted"} 1',
      'identity_review_outcomes_total{layer="memory",outcome="accepted"} 1',
      'identity_review_outcomes_total{layer="reviewer",outcome="refused"} 1',
      'identity_review_remembered 2',
      'identity_csrs_total{outcome="remembered"} 2',
      'identity_csrs_total{outcome="new"} 1',
      'identity_csrs_remembered 1',
    ]) {
      expect(body).toContain(`${line}\n`)
    }
  })

  test('follows a reload: when, and how it ended', async () => {
    await using world = await createWorld()
    await using server = await startServer(world)
    await world.issuer.update({ 'crt.pem': world.ca.issuerPem, 'key.pem': 'none' })
    await server.log.next(/^Skipping issuer update/)
    const { body } = await server.get('/metrics')
    expect(body).toContain('identity_reloads_total{source="issuer",outcome="refused"} 1\n')
    const at = /^identity_last_reload_timestamp_seconds\{source="issuer",outcome="refused"\} (\S+)$/m.exec(body)?.[1]
    expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(20)
    const [anchor] = parseCertificates(world.ca.rootPem)
    expect(body).toMatch(new RegExp(`^trust_anchor_not_after.*${anchor?.subject.commonName}`, 'm'))
  })
})
