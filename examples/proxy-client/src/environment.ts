import { parseListenAddress, type ListenAddress } from '@meshid/example-operations'
import { matchId, parseSpiffeId, type SpiffeId, type TrustDomain } from '@meshid/spiffe-id'
import { parseWorkloadName, type WorkloadName } from '@meshid/workload'
import { parseProxyDuration } from './proxy-duration.ts'

/** What ends mTLS in front of an app. */
export interface InboundSettings {
  readonly listen: ListenAddress
  readonly app: ListenAddress
  readonly authorize: (peer: SpiffeId) => void
}

/** What begins mTLS towards a peer. */
export interface OutboundSettings {
  readonly listen: ListenAddress
  readonly peer: ListenAddress
  readonly peerId: SpiffeId
}

/** Everything that the proxy's container is told. */
export interface Environment {
  readonly directory: string
  readonly trustAnchorsPem: string
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

/** The variables of a process, by name. */
export type Variables = Readonly<Record<string, string | undefined>>

const identity = (suffix: string): string => `LINKERD2_PROXY_IDENTITY_${suffix}`

function required(env: Variables, name: string): string {
  const value = env[name]
  if (value === undefined || value === '') throw new Error(`'${name}' must be set`)
  return value
}

/** Reads a value and names the variable when it is refused. */
function read<T>(env: Variables, name: string, options: { parse: (text: string) => T; fallback?: string }): T {
  const value = env[name] ?? options.fallback
  if (value === undefined) throw new Error(`'${name}' must be set`)
  try {
    return options.parse(value)
  } catch (cause) {
    throw new Error(`'${name}': ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const optional = <T>(env: Variables, name: string, parse: (text: string) => T): T | undefined =>
  env[name] === undefined || env[name] === '' ? undefined : read(env, name, { parse })

/** One entry of `MESHID_INBOUND_ALLOW`: an ID with a path is exact, a bare trust domain admits its members. */
function matcher(text: string): (peer: SpiffeId) => void {
  const id = parseSpiffeId(text)
  return id.path === '' ? matchId.memberOf(id.trustDomain) : matchId.exact(id)
}

/** Reads a comma-separated list; a peer is welcome when one entry admits it. */
function parseAllow(text: string): (peer: SpiffeId) => void {
  const matchers = text.split(',').map((entry) => matcher(entry.trim()))
  return (peer) => {
    const refusals: unknown[] = []
    for (const match of matchers) {
      try {
        return match(peer)
      } catch (refusal) {
        refusals.push(refusal)
      }
    }
    throw refusals[0]
  }
}

function inboundOf(env: Variables): InboundSettings | undefined {
  const app = optional(env, 'MESHID_INBOUND_APP_ADDR', parseListenAddress)
  if (app === undefined) return undefined
  const listen = read(env, 'LINKERD2_PROXY_INBOUND_LISTEN_ADDR', {
    parse: parseListenAddress,
    fallback: '0.0.0.0:4143',
  })
  return { app, listen, authorize: read(env, 'MESHID_INBOUND_ALLOW', { parse: parseAllow }) }
}

function outboundOf(env: Variables): OutboundSettings | undefined {
  const peer = optional(env, 'MESHID_OUTBOUND_PEER_ADDR', parseListenAddress)
  if (peer === undefined) return undefined
  const listen = read(env, 'LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR', {
    parse: parseListenAddress,
    fallback: '127.0.0.1:4140',
  })
  return { peer, listen, peerId: read(env, 'MESHID_OUTBOUND_PEER_ID', { parse: parseSpiffeId }) }
}

/** The trust domain that the anchors speak for: the own one. */
export function trustDomainOfName(name: WorkloadName): TrustDomain | undefined {
  return name.kind === 'spiffe' ? name.spiffeId.trustDomain : undefined
}

/**
 * Reads the environment of story.md chapter 6 and linkerd-behaviour.md section 16.1, and the proxy's own variables.
 * @throws Error that names the variable, what was expected and what was found
 */
export function readEnvironment(env: Variables): Environment {
  const name = read(env, identity('LOCAL_NAME'), { parse: parseWorkloadName })
  const [inbound, outbound] = [inboundOf(env), outboundOf(env)]
  if (name.kind === 'dns' && (inbound ?? outbound) !== undefined) {
    throw new Error(
      `'${identity('LOCAL_NAME')}': expected a SPIFFE ID, because peers are checked by SPIFFE ID; found a DNS name`,
    )
  }
  return {
    directory: required(env, identity('DIR')),
    trustAnchorsPem: required(env, identity('TRUST_ANCHORS')),
    tokenFile: required(env, identity('TOKEN_FILE')),
    name,
    identityService: read(env, identity('SVC_ADDR'), { parse: parseListenAddress }),
    minRefreshMs: optional(env, identity('MIN_REFRESH'), parseProxyDuration),
    maxRefreshMs: optional(env, identity('MAX_REFRESH'), parseProxyDuration),
    logLevel: env['LINKERD2_PROXY_LOG'] ?? 'info',
    logFormat: env['LINKERD2_PROXY_LOG_FORMAT'] ?? 'plain',
    admin: read(env, 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR', { parse: parseListenAddress, fallback: '127.0.0.1:4191' }),
    inbound,
    outbound,
  }
}
