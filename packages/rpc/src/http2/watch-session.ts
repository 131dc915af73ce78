import { constants, type Http2Session } from 'node:http2'
import { RpcError } from '../errors.ts'
import { Allowance, type AllowanceRate } from './allowance.ts'

/**
 * Calls that one connection may give up before they are answered (CVE-2023-44487): every call of a full connection at
 * once, then 100 a second.
 */
export const RESET_RATE: AllowanceRate = { burst: 1000, perSecond: 100 }

/** PING and SETTINGS frames of one connection: clients that measure their bandwidth send one for each batch of data. */
export const CONTROL_FRAME_RATE: AllowanceRate = { burst: 1000, perSecond: 100 }

/** How often a silent connection is pinged, and how long the answer may take. */
export interface KeepAlive {
  readonly keepAliveTimeMs: number
  readonly keepAliveTimeoutMs: number
}

/** Keeps an eye on a connection; gives what counts a call that was given up. */
export function watchSession(session: Http2Session, keepAlive: KeepAlive): { readonly onGivenUp: () => void } {
  const resets = new Allowance(RESET_RATE)
  const controls = new Allowance(CONTROL_FRAME_RATE)
  const spend = (allowance: Allowance): void => {
    if (!allowance.take() && !session.destroyed) session.destroy(tooMuch(), constants.NGHTTP2_ENHANCE_YOUR_CALM)
  }
  session.on('ping', () => spend(controls))
  session.on('remoteSettings', () => spend(controls))
  session.on('error', () => undefined) // a close follows, and tells the same
  pingWhenSilent(session, keepAlive)
  return { onGivenUp: () => spend(resets) }
}

/** Pings again and again, and drops the connection when no answer comes (Q37, seen from the server). */
function pingWhenSilent(session: Http2Session, { keepAliveTimeMs, keepAliveTimeoutMs }: KeepAlive): void {
  let timer: NodeJS.Timeout
  const wait = (delayMs: number, callback: () => void): void => {
    timer = setTimeout(callback, delayMs).unref()
  }
  const drop = (): void => session.destroy()
  const ping = (): void => {
    wait(keepAliveTimeoutMs, drop)
    sendPing(session, () => {
      clearTimeout(timer)
      wait(keepAliveTimeMs, ping)
    })
  }
  wait(keepAliveTimeMs, ping)
  session.once('close', () => clearTimeout(timer))
}

/** Sends a ping; calls back when it is answered, never when the connection is gone. */
export function sendPing(session: Http2Session, onAnswer: () => void): void {
  if (session.destroyed) return
  session.ping((error) => {
    if (error === null && !session.destroyed) onAnswer()
  })
}

function tooMuch(): RpcError {
  return new RpcError('RESOURCE_EXHAUSTED', 'the connection resets calls or sends control frames too often')
}
