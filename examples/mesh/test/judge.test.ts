import { expect, test } from 'vitest'
import { startApp } from '../src/app.ts'
import { freePort } from '../src/free-port.ts'
import { newRecord, note, rotations } from '../src/record.ts'
import { judge } from '../src/summary.ts'
import { startTraffic } from '../src/traffic.ts'

const certified = (serial: string, issuer: string) => ({
  level: 'info',
  msg: 'Certified identity',
  id: 'spiffe://cluster.local/ns/emojivoto/sa/web',
  issuer,
  serial,
  not_after: '2026-11-21T23:00:00.000Z',
})

function fullRecord(peer: string) {
  const record = newRecord()
  for (const [serial, issuer] of [
    ['1', 'a'],
    ['2', 'a'],
    ['3', 'b'],
    ['4', 'b'],
  ] as const)
    note(record, certified(serial, issuer))
  note(record, { level: 'info', msg: 'Peer verified', direction: 'outbound', peer_id: peer })
  return record
}

const good = { requests: 10, failures: 0, longestPauseMs: 1, reasons: new Map<string, number>() }
const peer = 'spiffe://cluster.local/ns/emojivoto/sa/voting'

test('a run without failures, with three rotations, two issuers and the right peer is good', () => {
  const record = fullRecord(peer)
  expect(rotations(record)).toBe(3)
  expect(judge({ web: record, voting: record, traffic: good, wanted: 3 }).shortfalls).toEqual([])
})

test.each([
  [
    'a failed request',
    fullRecord(peer),
    { ...good, failures: 1, reasons: new Map([['status 500', 1]]) },
    '1 requests failed: status 500',
  ],
  ['no request at all', fullRecord(peer), { ...good, requests: 0 }, 'no request was sent'],
  [
    'a peer with another ID',
    fullRecord('spiffe://cluster.local/ns/emojivoto/sa/voting-evil'),
    good,
    'expected the peer',
  ],
  ['no rotation', newRecord(), good, 'rotations, found 0'],
])('%s is a shortfall', (_name, record, traffic, expected) => {
  expect(judge({ web: record, voting: record, traffic, wanted: 3 }).shortfalls.join('\n')).toContain(expected)
})

test('traffic counts answers, and failures by reason', async () => {
  const app = await startApp()
  const served = startTraffic({ url: `http://127.0.0.1:${app.port}/`, perSecond: 100, timeoutMs: 1000 })
  const refused = startTraffic({ url: `http://127.0.0.1:${await freePort()}/`, perSecond: 100, timeoutMs: 1000 })
  await expect.poll(() => [served.count().requests > 3, refused.count().failures > 3]).toEqual([true, true])
  await served.stop()
  expect(served.count()).toMatchObject({ failures: 0 })
  await refused.stop()
  expect([...refused.count().reasons.keys()].join()).toContain('ECONNREFUSED')
  await app.close()
})

test('what a process writes to standard error is told', () => {
  expect(note(newRecord(), { level: 'stderr', msg: '(node:1) Warning: possible leak' })).toContain('possible leak')
  expect(note(newRecord(), { level: 'info', msg: 'listening' })).toBeUndefined()
})
