import { readFileSync } from 'node:fs'
import { type ListenAddress, logLevels, parseListenAddress } from '@meshid/example-operations'
import { type ParsedTrustAnchors, parseTrustAnchors, type Rekey, type WorkloadName } from '@meshid/workload'
import { type IdentityServiceSettings, readIdentityService } from './identity-service.ts'
import { type InboundSettings, type OutboundSettings, readInbound, readOutbound } from './listener-settings.ts'
import { readMesh } from './mesh-of.ts'
import { readOwnName } from './own-name.ts'
import { parseProxyDuration } from './proxy-duration.ts'
import { oneOf, VariableReader, type Variables } from './variables.ts'

/** Everything that the proxy's container is told. */
export interface Environment {
  readonly directory: string
  /** From the variable itself. */
  readonly trustAnchors: ParsedTrustAnchors | undefined
  /** A file that is followed; it counts more than the variable. One of the two is there. */
  readonly trustAnchorsFile: string | undefined
  readonly tokenFile: string
  readonly name: WorkloadName
  readonly identityService: IdentityServiceSettings
  readonly minRefreshMs: number | undefined
  readonly maxRefreshMs: number | undefined
  readonly rekey: Rekey
  readonly logLevel: string
  readonly logFormat: string
  readonly admin: ListenAddress
  readonly inbound: InboundSettings | undefined
  readonly outbound: OutboundSettings | undefined
}

const identity = (suffix: string): string => `LINKERD2_PROXY_IDENTITY_${suffix}`

const asIs = (text: string): string => text

/**
 * Reads the environment of story.md chapter 6 and linkerd-behaviour.md section 16.1, and the proxy's own variables. An empty
 * variable counts as one that is not set. The token file must hold something at the start, as linkerd2-proxy demands.
 * @throws EnvironmentError with everything that is wrong, in linkerd2-proxy's words where it has some
 */
export function readEnvironment(env: Variables): Environment {
  const reader = new VariableReader(env)
  refuseUnsupported(reader)
  const name = readOwnName(reader)
  const mesh = readMesh(reader, name)
  return reader.finish({
    directory: reader.required(identity('DIR'), asIs),
    ...readTrust(reader),
    tokenFile: readTokenFile(reader),
    name,
    identityService: readIdentityService(reader),
    ...readRefreshLimits(reader),
    rekey: reader.optional('MESHID_REKEY', parseRekey) ?? 'never',
    logLevel: reader.optional('LINKERD2_PROXY_LOG', oneOf(logLevels)) ?? 'info',
    logFormat: reader.optional('LINKERD2_PROXY_LOG_FORMAT', oneOf(['plain', 'json'])) ?? 'plain',
    admin: reader.required('LINKERD2_PROXY_ADMIN_LISTEN_ADDR', parseListenAddress, '127.0.0.1:4191'),
    inbound: readInbound(reader, mesh),
    outbound: readOutbound(reader, mesh),
  })
}

/** What linkerd2-proxy has and this one has not. */
function refuseUnsupported(reader: VariableReader): void {
  const disabled = identity('DISABLED')
  if (reader.isSet(disabled)) reader.fault(`${disabled} is no longer supported. Identity is must be enabled.`)
  for (const spire of [identity('SPIRE_WORKLOAD_API_ADDRESS'), identity('SPIRE_SOCKET')]) {
    if (reader.isSet(spire)) {
      reader.fault(`${spire}: this proxy does not speak the SPIFFE Workload API; remove it, or use linkerd2-proxy`)
    }
  }
}

function readTrust(reader: VariableReader): Pick<Environment, 'trustAnchors' | 'trustAnchorsFile'> {
  const trustAnchorsFile = reader.optional('MESHID_TRUST_ANCHORS_FILE', asIs)
  const variable = identity('TRUST_ANCHORS')
  if (trustAnchorsFile === undefined)
    return { trustAnchorsFile, trustAnchors: reader.required(variable, parseTrustAnchors) }
  return { trustAnchorsFile, trustAnchors: reader.optional(variable, parseTrustAnchors) }
}

/** The path; the token itself is read anew for each attempt. */
function readTokenFile(reader: VariableReader): string {
  const path = reader.required(identity('TOKEN_FILE'), asIs)
  if (!reader.isSet(identity('TOKEN_FILE'))) return path
  reader.attempt(
    () => {
      if (readFileSync(path).length === 0) throw new Error('token is empty')
    },
    `Could not read ${identity('TOKEN_FILE')}: `,
  )
  return path
}

function readRefreshLimits(reader: VariableReader): Pick<Environment, 'minRefreshMs' | 'maxRefreshMs'> {
  const minRefreshMs = reader.optional(identity('MIN_REFRESH'), parseProxyDuration)
  const maxRefreshMs = reader.optional(identity('MAX_REFRESH'), parseProxyDuration)
  if (minRefreshMs === 0 || maxRefreshMs === 0 || (minRefreshMs ?? 0) > (maxRefreshMs ?? Infinity)) {
    const names = `${identity('MIN_REFRESH')} and ${identity('MAX_REFRESH')}`
    const found = [minRefreshMs, maxRefreshMs].map((ms) => (ms === undefined ? 'nothing' : `${ms} ms`)).join(' and ')
    reader.fault(`${names}: expected 0 < minimum <= maximum, found ${found}`)
  }
  return { minRefreshMs, maxRefreshMs }
}

function parseRekey(text: string): Rekey {
  if (text === 'never' || text === 'every-renewal') return text
  const certificatesPerKey = Number(/^[1-9]\d{0,8}$/.exec(text)?.[0])
  if (certificatesPerKey > 0) return { certificatesPerKey }
  const expected = 'never, every-renewal, or how many certificates a key has'
  throw new RangeError(`expected ${expected}, found ${JSON.stringify(text.slice(0, 64))}`)
}
