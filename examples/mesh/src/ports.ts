import { freePort } from './free-port.ts'
import { voting, web } from './pods.ts'

/** Where everybody listens on 127.0.0.1. */
export interface Ports {
  readonly grpc: number
  readonly admin: number
  readonly inbound: number
  readonly outbound: number
  /** Admin ports of the proxies, by pod name. */
  readonly proxyAdmin: Readonly<Record<string, number>>
}

/** Chooses ports that are free now. */
export async function choosePorts(): Promise<Ports> {
  return {
    grpc: await freePort(),
    admin: await freePort(),
    inbound: await freePort(),
    outbound: await freePort(),
    proxyAdmin: { [web.name]: await freePort(), [voting.name]: await freePort() },
  }
}

/** An address on this machine. */
export const here = (port: number | undefined): string => `127.0.0.1:${port ?? 0}`
