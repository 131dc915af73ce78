import { parseWorkloadName, type WorkloadName } from '@meshid/workload'
import { oneOf, type VariableReader } from './variables.ts'

const localName = 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME'
const serverId = 'LINKERD2_PROXY_IDENTITY_SERVER_ID'
const serverName = 'LINKERD2_PROXY_IDENTITY_SERVER_NAME'

/** What linkerd2-proxy says when identity and server name differ (`TlsIdAndServerNameNotMatching`). */
export const NAMES_NOT_MATCHING = 'linkerd identity requires a TLS Id and server name to be the same'

/**
 * Reads who this is: `LOCAL_NAME`, the older way, says both the identity and the name of the server; otherwise `SERVER_ID`
 * and `SERVER_NAME` are both needed. A DNS name is one of Linkerd's and then both must be the same; a SPIFFE ID may stand
 * in `LOCAL_NAME` too, which linkerd2-proxy does not allow.
 * @see linkerd2-proxy `linkerd/app/src/env/identity.rs`, `parse_tls_params`
 */
export function readOwnName(reader: VariableReader): WorkloadName {
  const profile = reader.optional('MESHID_PROFILE', oneOf(['spiffe', 'linkerd']))
  const name = reader.isSet(localName) ? reader.required(localName, parseName) : readBoth(reader, profile)
  // After a fault there is no name; see VariableReader.
  if (profile === undefined || (name as WorkloadName | undefined) === undefined) return name
  if ((profile === 'spiffe') === (name.kind === 'spiffe')) return name
  const variable = reader.isSet(localName) ? localName : serverId
  const expected = profile === 'spiffe' ? 'a SPIFFE ID' : 'a DNS name'
  return reader.fault(`${variable}: expected ${expected} in profile ${profile}, found the other form`)
}

function readBoth(reader: VariableReader, profile: string | undefined): WorkloadName {
  const id = reader.required(serverId, parseName) as WorkloadName | undefined
  const server = reader.required(serverName, parseDnsName) as WorkloadName | undefined
  const isLinkerd = profile === 'linkerd' || (profile === undefined && id?.kind === 'dns')
  const isSame = id?.kind === 'dns' && server?.kind === 'dns' && id.dnsName === server.dnsName
  if (isLinkerd && id && server && !isSame) return reader.fault(NAMES_NOT_MATCHING)
  return id as WorkloadName
}

/**
 * Reads a SPIFFE ID or a DNS name. DNS names are lower-cased, as linkerd2-proxy does; one that ends with a dot is refused.
 * @throws Error that begins as linkerd2-proxy's
 */
export function parseName(text: string): WorkloadName {
  try {
    return parseWorkloadName(text.startsWith('spiffe:') ? text : text.toLowerCase())
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Not a valid identity name: ${text.slice(0, 300)} (${why})`, { cause })
  }
}

/** Reads a DNS name. */
export function parseDnsName(text: string): WorkloadName {
  const name = parseName(text)
  if (name.kind === 'dns') return name
  throw new Error(`Not a valid identity name: ${text.slice(0, 300)} (expected a DNS name)`)
}
