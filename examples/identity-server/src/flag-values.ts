import {
  DEFAULT_CLOCK_SKEW_MS,
  DEFAULT_LIFETIME_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_LIFETIME_MS,
  MIN_LIFETIME_MS,
} from '@meshid/certificate'
import { type ListenAddress, parseGoDuration, parseListenAddress } from '@meshid/example-operations'
import { MAX_POLL_INTERVAL_MS } from '@meshid/mounts'
import { MAX_QUEUE, MAX_TTL_MS } from '@meshid/token-review'

/** The longest `--review-timeout`: no proxy waits longer for its first certificate. */
export const MAX_REVIEW_TIMEOUT_MS = 120_000

/** The longest `--token-cache-ttl`: a deleted pod's token is still good here for as long. */
export const MAX_CACHE_TTL_MS: number = MAX_TTL_MS

/** An address and the text by which it was given, for the log. */
export interface NamedAddress extends ListenAddress {
  readonly text: string
}

/** Reads `:8080` and its like. */
export function parseAddress(text: string): NamedAddress {
  return { ...parseListenAddress(text), text }
}

/** The text for the log once a free port was asked for and found. */
export function boundText({ text, port }: NamedAddress, boundPort: number): string {
  return port === 0 ? text.replace(/0$/, String(boundPort)) : text
}

/** A lifetime of leaves, in milliseconds; empty means the default. Zero is no lifetime (Q12). */
export const parseLifetime = (text: string): number =>
  text === '' ? DEFAULT_LIFETIME_MS : duration(text, { from: MIN_LIFETIME_MS, to: MAX_LIFETIME_MS })

/** A clock skew, in milliseconds; empty means the default, and zero means none. */
export const parseClockSkew = (text: string): number =>
  text === '' ? DEFAULT_CLOCK_SKEW_MS : duration(text, { from: 0, to: MAX_CLOCK_SKEW_MS })

/** A poll interval, in milliseconds. */
export const parsePollInterval = (text: string): number => duration(text, { from: 1, to: MAX_POLL_INTERVAL_MS })

/** How long a request to the API server may take, in milliseconds: at least long enough for a TLS handshake. */
export const parseReviewTimeout = (text: string): number => duration(text, { from: 10, to: MAX_REVIEW_TIMEOUT_MS })

/** How long an accepted token is remembered, in milliseconds; 0 is not at all. */
export const parseCacheTtl = (text: string): number => duration(text, { from: 0, to: MAX_CACHE_TTL_MS })

/** How many may wait: a whole number, 0 to refuse instead of waiting. */
export function parseQueue(text: string): number {
  const queue = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN
  if (queue <= MAX_QUEUE) return queue
  throw new RangeError(`expected a whole number from 0 to ${MAX_QUEUE}, found ${JSON.stringify(text.slice(0, 64))}`)
}

/** Requests a second: a number above 0. */
export function parseQps(text: string): number {
  const qps = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (qps > 0 && Number.isFinite(qps)) return qps
  throw new RangeError(`expected a number above 0, found ${JSON.stringify(text.slice(0, 64))}`)
}

/** Requests at once: a whole number from 1. */
export function parseBurst(text: string): number {
  const burst = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (burst >= 1) return burst
  throw new RangeError(`expected a whole number from 1, found ${JSON.stringify(text.slice(0, 64))}`)
}

/** The most `--cores`: no machine has more. */
export const MAX_CORES = 1024

/** How many cores to use: `auto`, or a whole number from 1. */
export function parseCores(text: string): number | 'auto' {
  if (text === 'auto') return text
  const cores = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (cores >= 1 && cores <= MAX_CORES) return cores
  throw new RangeError(
    `expected auto or a whole number from 1 to ${MAX_CORES}, found ${JSON.stringify(text.slice(0, 64))}`,
  )
}

function duration(text: string, { from, to }: { readonly from: number; readonly to: number }): number {
  const value = parseGoDuration(text)
  if (value >= from && value <= to) return value
  throw new RangeError(`expected ${from} ms to ${to / 3_600_000} h, found ${text}`)
}
