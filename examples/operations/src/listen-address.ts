/** Where a server listens or a client connects. */
export interface ListenAddress {
  /** Undefined: every interface. */
  readonly host: string | undefined
  /** 0 to 65535; 0 asks the system for a free port. */
  readonly port: number
}

/**
 * Reads `:8080`, `127.0.0.1:8080`, `[::1]:8080` or `localhost.:8080`.
 * @throws RangeError that names what was expected and found.
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) {
    throw new RangeError(
      `expected an address such as :8080 or 127.0.0.1:8080, found ${JSON.stringify(text.slice(0, 100))}`,
    )
  }
  const host = (match[1] ?? match[2] ?? '').replace(/\.$/, '')
  return { host: host === '' ? undefined : host, port }
}

/** `host:port` as a client would dial it. */
export function formatAddress({ host, port }: ListenAddress): string {
  const name = host ?? '127.0.0.1'
  return name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`
}
