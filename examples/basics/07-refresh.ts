// 7. A refresh: a credential is renewed before it ends, and a failure costs nothing while the old one is valid.
import { createRefresher, spreadSchedule } from '@meshid/refresh'
import { createTestClock } from '@meshid/testkit'

// A clock that moves when it is told to; a program that runs for real takes systemClock.
const HOUR_MS = 3_600_000
const clock = createTestClock(new Date('2026-11-21T12:00:00Z'))
const short = (date: Date) => date.toISOString().slice(5, 16)

// Stands for certify: a validity of 24 hours, except while the server is away.
let serverIsUp = true
async function renew() {
  if (!serverIsUp) throw new Error('the identity server is away')
  return { notBefore: clock.now(), notAfter: new Date(clock.now().getTime() + 24 * HOUR_MS) }
}
await using refresher = createRefresher({
  renew,
  validityOf: (validity) => validity,
  schedule: spreadSchedule({ seed: 'spiffe://cluster.local/ns/emojivoto/sa/web pod-7' }), // at 60 to 80 % of the life
  clock,
  retry: { minMs: HOUR_MS / 4, maxMs: 2 * HOUR_MS }, // by default 1 s to 60 s
  random: () => 0.99, // chooses each pause below its ceiling; Math.random outside of lessons
  observer(event) {
    if ('nextAttemptAt' in event) console.log(`${short(clock.now())} ${event.type}, next ${short(event.nextAttemptAt)}`)
  },
})
await clock.advance(20 * HOUR_MS)
serverIsUp = false
await clock.advance(17 * HOUR_MS)
console.log(`${refresher.status().state}, valid until ${refresher.current?.notAfter.toISOString()}`)
serverIsUp = true
await clock.advance(2 * HOUR_MS)

// Prints:
// 11-21T12:00 scheduled, next 11-22T05:58
// 11-22T05:58 scheduled, next 11-22T23:38
// 11-22T23:38 failed, next 11-23T00:08
// 11-23T00:08 failed, next 11-23T01:08
// retrying, valid until 2026-11-23T05:…Z
// 11-23T01:08 scheduled, next 11-23T20:11
