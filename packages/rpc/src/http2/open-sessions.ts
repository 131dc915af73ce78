import { constants, type ServerHttp2Session } from 'node:http2'
import { RpcError } from '../errors.ts'
import { drainSession } from './drain-session.ts'

/** The connections of a server. */
export class OpenSessions {
  readonly #sessions = new Set<ServerHttp2Session>()
  #onEmpty: () => void = () => undefined

  /** Keeps a connection until it closes. */
  add(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    session.once('close', () => {
      this.#sessions.delete(session)
      if (this.#sessions.size === 0) this.#onEmpty()
    })
  }

  /** Ends them all when their calls are done, or at the deadline. */
  drain(deadlineMs: number): Promise<'drained' | 'forced'> {
    return new Promise((resolve) => {
      const deadline = setTimeout(() => {
        resolve('forced')
        this.destroy()
      }, deadlineMs)
      this.#onEmpty = () => {
        clearTimeout(deadline)
        resolve('drained')
      }
      for (const session of this.#sessions) drainSession(session)
      if (this.#sessions.size === 0) this.#onEmpty()
    })
  }

  /** Ends them all at once. */
  destroy(): void {
    const end = new RpcError('UNAVAILABLE', 'the server is shutting down')
    for (const session of this.#sessions) session.destroy(end, constants.NGHTTP2_CANCEL)
  }
}
