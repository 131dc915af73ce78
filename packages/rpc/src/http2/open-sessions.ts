import { constants, type ServerHttp2Session } from 'node:http2'
import { RpcError } from '../errors.ts'
import { SessionDrain } from './drain-session.ts'

/** The connections of a server. */
export class OpenSessions {
  readonly #sessions = new Map<ServerHttp2Session, SessionDrain>()
  #onEmpty: () => void = () => undefined

  /** Keeps a connection until it closes; gives what it is brought to its end by. */
  add(session: ServerHttp2Session): SessionDrain {
    const drain = new SessionDrain(session)
    this.#sessions.set(session, drain)
    session.once('close', () => {
      this.#sessions.delete(session)
      if (this.#sessions.size === 0) this.#onEmpty()
    })
    return drain
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
      for (const drain of this.#sessions.values()) drain.begin()
      if (this.#sessions.size === 0) this.#onEmpty()
    })
  }

  /** Ends them all at once. */
  destroy(): void {
    const end = new RpcError('UNAVAILABLE', 'the server is shutting down')
    for (const session of this.#sessions.keys()) session.destroy(end, constants.NGHTTP2_CANCEL)
  }
}
