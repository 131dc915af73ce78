import { type ListenAddress, parseListenAddress } from '@meshid/example-operations'
import type { WorkloadName } from '@meshid/workload'
import { parseName } from './own-name.ts'
import type { VariableReader } from './variables.ts'

/** Where the identity service is, and how it is spoken to. */
export interface IdentityServiceSettings {
  readonly address: ListenAddress
  /** Who it must be by TLS; `undefined` on this machine, where it is spoken to without. */
  readonly serverName: WorkloadName | undefined
}

const addressVariable = 'LINKERD2_PROXY_IDENTITY_SVC_ADDR'
const nameVariable = 'LINKERD2_PROXY_IDENTITY_SVC_NAME'

/**
 * Reads the address and the name of the identity service. Both are needed, unless the address is a loopback address or
 * `localhost.`: then nothing leaves the machine, the name is ignored and no TLS is spoken. `localhost` without its dot is
 * a name like any other, because a resolver may complete it.
 * @see linkerd2-proxy `linkerd/app/src/env.rs`, `parse_control_addr`
 */
export function readIdentityService(reader: VariableReader): IdentityServiceSettings {
  if (!reader.isSet(addressVariable) && !reader.isSet(nameVariable)) {
    return reader.fault(`${addressVariable} and ${nameVariable} must be set.`)
  }
  if (!reader.isSet(addressVariable)) return bothNeeded(reader)
  let isLocal = false
  const address = reader.required(addressVariable, (text) => {
    const parsed = parseListenAddress(text)
    isLocal = isLoopback(text, parsed)
    return parsed
  })
  const serverName = reader.optional(nameVariable, parseName)
  if (address && !isLocal && !reader.isSet(nameVariable)) return bothNeeded(reader)
  return { address, serverName: isLocal ? undefined : serverName }
}

function bothNeeded(reader: VariableReader): never {
  return reader.fault(`${addressVariable} and ${nameVariable} must be specified together`)
}

/** An address without a host is one of this machine. */
function isLoopback(text: string, { host }: ListenAddress): boolean {
  if (host === undefined || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)) return true
  return /^localhost\.:/i.test(text)
}
