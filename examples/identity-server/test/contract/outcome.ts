import { RpcError } from '@meshid/rpc'

/** What a call came to, as it was on the wire. */
export interface Outcome {
  /** The number of the gRPC status. */
  readonly status: number
  readonly message: string
  readonly retryAfterMs?: number
}

/** Waits for a call, however it ends; anything but an answer of a server is an error of the test. */
export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  const error = await call.then(
    () => undefined,
    (refusal: unknown) => refusal,
  )
  if (error === undefined) return { status: 0, message: '' }
  if (!(error instanceof RpcError)) throw error
  const { statusNumber: status, message, retryAfterMs } = error
  return { status, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
