import { createIdentityClient, type IdentityClient } from '@meshid/rpc'

/** Connections that many proxies share. */
export interface Connections extends Disposable {
  readonly size: number
  /** The connection of a proxy: always the same one. */
  of(proxy: number): IdentityClient
}

/** Options of {@link openConnections}. */
export interface ConnectionOptions {
  readonly address: string
  readonly count: number
  /** How long one attempt may take. */
  readonly deadlineMs: number
}

/** Makes clients with a TCP connection each, which is opened by the first call. */
export function openConnections({ address, count, deadlineMs }: ConnectionOptions): Connections {
  const clients = Array.from({ length: count }, () =>
    createIdentityClient({ address, credentials: 'plaintext', deadlineMs }),
  )
  return {
    size: count,
    of(proxy) {
      const client = clients[proxy % count]
      if (client === undefined) throw new RangeError(`proxy: expected a whole number from 0, found ${proxy}`)
      return client
    },
    [Symbol.dispose]() {
      for (const client of clients) client.close()
    },
  }
}
