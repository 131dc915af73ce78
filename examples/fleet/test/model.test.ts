import { describe, expect, test } from 'vitest'
import { forecastLife, type LifeModel } from '../src/model/life-model.ts'
import { LogHistogram } from '../src/model/log-histogram.ts'
import { defaultCosts } from '../src/model/model-costs.ts'
import { forecastStorm, type StormModel } from '../src/model/storm-model.ts'
import { TurnQueue } from '../src/model/turn-queue.ts'
import { linkerdStormMs } from '../src/scenarios/storm.ts'

/** A storm in which nothing costs anything but the token bucket of one server. */
const linkerd: StormModel = {
  ...defaultCosts,
  workloads: 10_000,
  accounts: 200,
  replicas: 1,
  certifyMs: 0,
  reviewMs: 0,
  windowMs: 0,
  tokens: 'pod',
}

describe('a storm agrees with the arithmetic', () => {
  test('(N - 200) / 100 s: 98 s for 10,000 tokens, one server, nothing else', () => {
    const { durationMs, reviews, reviewsPerSecond } = forecastStorm(linkerd)
    expect(durationMs).toBeCloseTo(linkerdStormMs(10_000), 6)
    expect(reviews).toBe(10_000)
    expect(reviewsPerSecond).toBeCloseTo(10_000 / 98, 6)
    expect(forecastStorm({ ...linkerd, workloads: 5000 }).durationMs).toBeCloseTo(48_000, 6)
  })

  test('half of the pods wait less than half of it, all of them what a review takes beside', () => {
    const { p50Ms, maxMs } = forecastStorm({ ...linkerd, reviewMs: 5 })
    expect(p50Ms / ((5000 - 200) * 10 + 5)).toBeCloseTo(1, 1)
    expect(maxMs).toBeCloseTo(98_005, 6)
  })

  test('with more servers each has its own bucket, (N / R - 200) / 100, until the API server is the wall, N / A', () => {
    const of = (replicas: number, apiPerSecond = Infinity) =>
      forecastStorm({ ...linkerd, workloads: 100_000, replicas, apiPerSecond }).durationMs / 1000
    expect(of(10)).toBeCloseTo((100_000 / 10 - 200) / 100, 6)
    expect(of(10, 100)).toBeCloseTo((100_000 - 10) / 100, 6)
  })

  test('shared and remembered tokens cost one review for each account and server, if the storm is over before they are forgotten', () => {
    const shared = forecastStorm({ ...linkerd, tokens: 'account', replicas: 3, workloads: 30_000 })
    expect(shared.reviews).toBe(600)
    expect(shared.durationMs).toBe(0)
    const twice = forecastStorm({ ...linkerd, tokens: 'account', accounts: 10, windowMs: 15_000 })
    expect(twice.reviews).toBe(20)
  })

  test('a core is the wall when reviews are few: N × c / R', () => {
    const { durationMs, utilisation } = forecastStorm({ ...linkerd, tokens: 'account', certifyMs: 0.3 })
    expect(durationMs).toBeCloseTo(10_000 * 0.3, 0)
    expect(utilisation).toBeCloseTo(1, 2)
  })

  test('the same seed gives the same storm, another seed another one', () => {
    const model = { ...linkerd, windowMs: 1000, replicas: 3, certifyMs: 0.1 }
    expect(forecastStorm(model)).toEqual(forecastStorm(model))
    expect(forecastStorm({ ...model, seed: 2 })).not.toEqual(forecastStorm(model))
  })
})

const HOUR_MS = 3_600_000

const life: LifeModel = {
  ...defaultCosts,
  workloads: 20_000,
  accounts: 100,
  replicas: 2,
  leafTtlMs: HOUR_MS,
  fraction: 0.7,
  jitter: 0.1,
  startWindowMs: 0.7 * HOUR_MS,
  durationMs: 5 * HOUR_MS,
}

describe('a life agrees with the arithmetic', () => {
  test('renewals: N / (0.7 × TTL) a second, and c times as much of the cores', () => {
    const { meanPerSecond, utilisation } = forecastLife(life)
    const expected = 20_000 / (0.7 * 3600)
    expect(meanPerSecond / expected).toBeCloseTo(1, 1)
    expect(utilisation).toBeCloseTo((meanPerSecond * 0.3) / 2000, 6)
  })

  test('a herd without jitter stays a herd: all of them in one second, each time', () => {
    const herd = forecastLife({ ...life, startWindowMs: 0, jitter: 0 })
    expect(herd.peakPerSecond).toBe(20_000)
    expect(herd.renewals).toBe(20_000 * Math.floor((5 * 3600 - 1) / (0.7 * 3600)))
    expect(herd.longestQueueMs).toBeCloseTo(((20_000 - 2000 / 0.3) * 0.3 * 1000) / 2000, 6)
  })

  test('jitter spreads it: at once over a fifth of the life, N / (2 × j × TTL) a second', () => {
    const { perSecond } = forecastLife({ ...life, startWindowMs: 0, durationMs: 0.81 * HOUR_MS })
    const busy = perSecond.filter((renewals) => renewals > 0)
    expect(busy.length / (0.2 * 3600)).toBeCloseTo(1, 1)
    expect(20_000 / busy.length).toBeCloseTo(20_000 / (0.2 * 3600), 0)
  })

  test('reviews: all of them without a memory, one for each account, server and time to live where there are many', () => {
    const none = forecastLife({ ...life, memoryMs: 0 })
    expect(none.meanReviewsPerSecond).toBe(none.meanPerSecond)
    const few = forecastLife({ ...life, accounts: 1, memoryMs: 10_000 })
    // The account comes again within a second or so after it was forgotten.
    expect(few.meanReviewsPerSecond).toBeLessThanOrEqual(2 / 10)
    expect(few.meanReviewsPerSecond).toBeGreaterThan(2 / 12)
  })

  test('the same seed gives the same life', () => {
    expect(forecastLife(life)).toEqual(forecastLife(life))
    expect(forecastLife({ ...life, seed: 2 }).perSecond).not.toEqual(forecastLife(life).perSecond)
  })
})

test('a turn queue is a token bucket: a burst at once, then one each interval, and the burst again after a rest', () => {
  const queue = new TurnQueue({ perSecond: 10, burst: 3 })
  const turns = [0, 0, 0, 0, 0, 50].map((now) => queue.turnAt(now))
  expect(turns).toEqual([0, 0, 0, 100, 200, 300])
  expect([10_000, 10_000, 10_000, 10_000].map((now) => queue.turnAt(now))).toEqual([10_000, 10_000, 10_000, 10_100])
})

test('percentiles of a histogram of logarithms are right within 1 %', () => {
  const histogram = new LogHistogram()
  expect(histogram.percentileMs(0.5)).toBe(0)
  for (let value = 1; value <= 1000; value++) histogram.add(value)
  expect(histogram.percentileMs(0.5) / 500).toBeCloseTo(1, 1)
  expect(histogram.percentileMs(0.99) / 990).toBeCloseTo(1, 1)
  expect(histogram.maxMs).toBe(1000)
})
