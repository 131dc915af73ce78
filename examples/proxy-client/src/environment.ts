import { createTrustAnchors, parseCertificates, type TrustAnchors } from '@meshid/certificate'
import { type ListenAddress, logLevels, parseListenAddress } from '@meshid/example-operations'
import { parseWorkloadName, type WorkloadName } from '@meshid/workload'
import { type InboundSettings, type OutboundSettings, readInbound, readOutbound } from './listener-settings.ts'
import { parseProxyDuration } from './proxy-duration.ts'
import { optional, oneOf, required, type Variables } from './variables.ts'

/** Everything that the proxy's container is told. */
export interface Environment {
  readonly directory: string
  readonly trustAnchors: TrustAnchors
  readonly tokenFile: string
  readonly name: WorkloadName
  readonly identityService: ListenAddress
  readonly minRefreshMs: number | undefined
  readonly maxRefreshMs: number | undefined
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
 * variable counts as one that is not set.
 * @throws Error that names the variable, what was expected and what was found
 */
export function readEnvironment(env: Variables): Environment {
  const name = readName(env)
  return {
    directory: required(env, identity('DIR'), asIs),
    trustAnchors: required(env, identity('TRUST_ANCHORS'), (pem) => createTrustAnchors(parseCertificates(pem))),
    tokenFile: required(env, identity('TOKEN_FILE'), asIs),
    name,
    identityService: required(env, identity('SVC_ADDR'), parseListenAddress),
    ...readRefreshLimits(env),
    logLevel: optional(env, 'LINKERD2_PROXY_LOG', oneOf(logLevels)) ?? 'info',
    logFormat: optional(env, 'LINKERD2_PROXY_LOG_FORMAT', oneOf(['plain', 'json'])) ?? 'plain',
    admin: required(env, 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR', parseListenAddress, '127.0.0.1:4191'),
    ...readListeners(env, name),
  }
}

/** The own name, in the form of the profile if that is set. */
function readName(env: Variables): WorkloadName {
  const name = required(env, identity('LOCAL_NAME'), parseWorkloadName)
  const profile = optional(env, 'MESHID_PROFILE', oneOf(['spiffe', 'linkerd']))
  if (profile === undefined || (profile === 'spiffe') === (name.kind === 'spiffe')) return name
  const expected = profile === 'spiffe' ? 'a SPIFFE ID' : 'a DNS name'
  throw new Error(`'${identity('LOCAL_NAME')}': expected ${expected} in profile ${profile}, found the other form`)
}

function readRefreshLimits(env: Variables): Pick<Environment, 'minRefreshMs' | 'maxRefreshMs'> {
  const minRefreshMs = optional(env, identity('MIN_REFRESH'), parseProxyDuration)
  const maxRefreshMs = optional(env, identity('MAX_REFRESH'), parseProxyDuration)
  if (minRefreshMs === 0 || maxRefreshMs === 0 || (minRefreshMs ?? 0) > (maxRefreshMs ?? Infinity)) {
    const names = `'${identity('MIN_REFRESH')}' and '${identity('MAX_REFRESH')}'`
    throw new Error(`${names}: expected 0 < minimum <= maximum, found ${minRefreshMs} ms and ${maxRefreshMs} ms`)
  }
  return { minRefreshMs, maxRefreshMs }
}

function readListeners(env: Variables, name: WorkloadName): Pick<Environment, 'inbound' | 'outbound'> {
  const inbound = readInbound(env)
  const outbound = readOutbound(env)
  if (name.kind === 'spiffe' || (inbound ?? outbound) === undefined) return { inbound, outbound }
  const what = `'${identity('LOCAL_NAME')}'`
  throw new Error(`${what}: expected a SPIFFE ID, because peers are checked by SPIFFE ID, found a DNS name`)
}
