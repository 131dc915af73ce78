import type { Logger } from '@meshid/example-operations'
import type { CallObserver } from '@meshid/rpc'

/** Logs the calls that ended before Certify could decide them; of all others it has told itself. */
export function logCalls(log: Logger): CallObserver {
  return {
    started() {},
    ended({ path, status, message, answered }) {
      if (answered || status === 'OK') return
      log.debug({ code: `RPC_${status}` }, `call of ${path} ended before it was decided: ${message}`)
    },
  }
}
