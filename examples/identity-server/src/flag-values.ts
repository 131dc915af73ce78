import {
  DEFAULT_CLOCK_SKEW_MS,
  DEFAULT_LIFETIME_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_LIFETIME_MS,
  MIN_LIFETIME_MS,
} from '@meshid/certificate'
import { type ListenAddress, parseGoDuration, parseListenAddress } from '@meshid/example-operations'
import { MAX_POLL_INTERVAL_MS } from '@meshid/mounts'

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

function duration(text: string, { from, to }: { readonly from: number; readonly to: number }): number {
  const value = parseGoDuration(text)
  if (value >= from && value <= to) return value
  throw new RangeError(`expected ${from} ms to ${to / 3_600_000} h, found ${text}`)
}
