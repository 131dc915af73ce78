import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint, parseCertificate } from '@meshid/certificate'
import { expect, test, vi } from 'vitest'
import { startAudit } from '../src/audit/start-audit.ts'
import { environmentOf, flagsFor, run, startServer } from './server-process.ts'
import { createWorld, goodRequest, webSpiffeId, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000 })

type Line = Readonly<Record<string, string>>

const linesOf = async (file: string): Promise<readonly Line[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

const fileOf = ({ folder }: World): string => join(folder, 'audit.jsonl')
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown
const peer = expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown

test.each(['http2', 'grpc-js'])(
  'each decision is a line: who asked from where, whose token it was, what was issued (Q29, Q32; %s)',
  async (transport) => {
    await using world = await createWorld()
    const file = fileOf(world)
    await using server = await startServer(world, [`--audit-log=${file}`, `--transport=${transport}`])
    const good = await goodRequest(world)
    const { leafCertificate } = await server.certify(good)
    const stranger = { ...good, identity: 'spiffe://cluster.local/ns/emojivoto/sa/voting' }
    await expect(server.certify(stranger)).rejects.toMatchObject({ status: 'FAILED_PRECONDITION' })
    const forger = { ...good, token: new TextEncoder().encode('eyJhbGciOiJub25lIn0.e30.') }
    await expect(server.certify(forger)).rejects.toMatchObject({ status: 'UNAUTHENTICATED' })
    server.signal('SIGTERM')
    expect(await server.ended).toBe(0)

    const leaf = parseCertificate(leafCertificate)
    const [issued, mismatch, rejected, ...others] = await linesOf(file)
    const said = {
      identity: webSpiffeId,
      serial_number: leaf.serialNumber,
      account: 'system:serviceaccount:emojivoto:web',
      pod: 'web-1',
      pod_uid: uuid,
      node: expect.any(String) as unknown,
      node_uid: uuid,
      credential_id: expect.stringMatching(/^JTI=/) as unknown,
    }
    const end = { not_after: leaf.notAfter.toISOString(), fingerprint: fingerprint(leaf) }
    expect(issued).toEqual({ time: instant, decision: 'issued', peer, ...said, ...end })
    const refused = { time: instant, decision: 'refused', peer, reason: expect.any(String) as unknown }
    expect(mismatch).toEqual({ ...refused, identity: stranger.identity, code: 'IDENTITY_MISMATCH' })
    expect(rejected).toEqual({ ...refused, identity: webSpiffeId, code: 'IDENTITY_TOKEN_REJECTED' })
    expect(others).toEqual([])

    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const text = await readFile(file, 'utf8')
    for (const { token } of [good, forger]) expect(text).not.toContain(new TextDecoder().decode(token).slice(0, 20))
    const line = JSON.parse(server.log.texts.find((entry) => entry.includes('issued certificate')) ?? '') as Line
    const { identity: _, ...fields } = said
    expect(line).toMatchObject(fields)
  },
)

test('a file that was moved away is opened anew on SIGHUP, and no line is lost', async () => {
  await using world = await createWorld()
  const file = fileOf(world)
  await using server = await startServer(world, [`--audit-log=${file}`])
  await server.certify(await goodRequest(world))
  await vi.waitFor(async () => expect(await linesOf(file)).toHaveLength(1), { timeout: 10_000 })
  await rename(file, `${file}.1`)
  server.signal('SIGHUP')
  await vi.waitFor(() => stat(file), { timeout: 10_000 })
  await server.certify(await goodRequest(world))
  server.signal('SIGTERM')
  expect(await server.ended).toBe(0)
  expect([await linesOf(`${file}.1`), await linesOf(file)]).toMatchObject([
    [{ decision: 'issued' }],
    [{ decision: 'issued' }],
  ])
  expect(server.log.texts.join('\n')).not.toContain('audit')
})

test('a file that cannot be opened ends the start', async () => {
  await using world = await createWorld()
  const { code, stdout } = await run([...flagsFor(world), '--audit-log=/nowhere/audit'], environmentOf(world))
  expect(code).toBe(1)
  expect(stdout).toMatch(/"fatal".*"ENOENT".*Failed to open the audit log: ENOENT: /)
})

test('without the flag there is no audit, and nothing to close', async () => {
  const audit = await startAudit(undefined, {} as never)
  expect(audit.observers).toEqual([])
  expect(await audit.during('127.0.0.1:1', () => Promise.resolve(7))).toBe(7)
  await audit.close()
})
