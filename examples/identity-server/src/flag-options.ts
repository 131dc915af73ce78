import { logLevels } from '@meshid/example-operations'
import { SERVICE_ACCOUNT_DIRECTORY } from '@meshid/token-review/node'
import { InvalidArgumentError, Option } from 'commander'
import {
  parseAddress,
  parseBurst,
  parseCacheTtl,
  parseClockSkew,
  parseCores,
  parseLifetime,
  parsePollInterval,
  parseQps,
  parseQueue,
  parseReviewTimeout,
} from './flag-values.ts'
import { parseGoBool } from './go-arguments.ts'

const identity = '/var/run/linkerd/identity'

/** Makes a reader of one value whose refusal names the flag. */
function reader<T>(read: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return read(text)
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : 'not understood')
    }
  }
}

/** Refused rather than ignored: whoever sets it relies on it. */
function refuseTraceCollector(text: string): string {
  if (text === '') return text
  throw new RangeError('This server does not carry it out: traces are not exported.')
}

interface FlagOptions<T> {
  readonly read?: (text: string) => T
  /** The default as it would be written; it is read like a value. */
  readonly default?: string
}

function flag<T = string>(usage: string, description: string, options: FlagOptions<T> = {}): Option {
  const option = new Option(usage, description)
  const { read } = options
  if (read !== undefined) option.argParser(reader(read))
  if (options.default === undefined) return option
  return option.default(read === undefined ? options.default : read(options.default), options.default)
}

/** Linkerd's own, with its defaults. */
export const linkerdFlags: readonly Option[] = [
  flag('--addr <address>', 'address of the gRPC server', { read: parseAddress, default: ':8080' }),
  flag('--admin-addr <address>', 'address of the admin server', { read: parseAddress, default: ':9990' }),
  flag('--kubeconfig <file>', 'how to reach the Kubernetes API from outside of a cluster', { default: '' }),
  flag('--controller-namespace <namespace>', 'namespace of the control plane', { default: '' }),
  flag('--identity-scheme <scheme>', 'linkerd.io/tls: crt.pem, key.pem; other: tls.crt, tls.key', { default: '' }),
  flag('--identity-trust-domain <domain>', 'trust domain of all identities', { default: '' }),
  flag('--identity-issuance-lifetime <duration>', 'lifetime of leaves', { read: parseLifetime, default: '24h' }),
  flag('--identity-clock-skew-allowance <duration>', 'back-dating of leaves', { read: parseClockSkew, default: '10s' }),
  flag('--enable-pprof <bool>', 'serves V8 profiles at /debug/pprof/', { read: parseGoBool, default: 'false' }),
  flag('--kube-apiclient-qps <number>', 'requests to the Kubernetes API a second', { read: parseQps, default: '100' }),
  flag('--kube-apiclient-burst <number>', 'requests to the Kubernetes API at once', {
    read: parseBurst,
    default: '200',
  }),
  flag('--issuer <directory>', "the issuer's certificate and key", { default: `${identity}/issuer` }),
  flag('--trace-collector <address>', 'not carried out', { read: refuseTraceCollector }),
  flag('--log-level <level>', 'least level that is logged', { default: 'info' }).choices(logLevels),
  flag('--log-format <format>', 'plain (logfmt) or json', { default: 'plain' }),
  flag('--version <bool>', 'print the version and end', { read: parseGoBool }),
]

/** Of this server alone. */
export const ownFlags: readonly Option[] = [
  flag('--tls-addr <address>', 'address of the gRPC server with TLS, for proxies without a sidecar in between', {
    read: parseAddress,
  }),
  flag(
    '--tls-service-account <name>',
    'account that the certificate of the TLS server names; default linkerd-identity',
  ),
  flag('--transport <transport>', "what carries gRPC: Node's HTTP/2, or grpc-js above it", {
    default: 'http2',
  }).choices(['http2', 'grpc-js']),
  flag('--cores <number>', 'cores to use: auto is those that it may use, CPU limits included', {
    read: parseCores,
    default: 'auto',
  }),
  flag('--profile <profile>', 'names in certificates', { default: 'spiffe' }).choices(['spiffe', 'linkerd', 'dual']),
  flag('--issuer-invalid-status <status>', 'answer while the issuer is not valid; unknown is what Linkerd sends', {
    default: 'unavailable',
  }).choices(['unavailable', 'unknown']),
  flag('--audit-log <file>', 'gets a line of JSON for each certificate and each refusal; opened again on SIGHUP'),
  flag('--trust-roots <directory>', 'has ca-bundle.crt, the trust anchors', { default: `${identity}/trust-roots` }),
  flag('--service-account-dir <directory>', 'has ca.crt, token and namespace for the Kubernetes API', {
    default: SERVICE_ACCOUNT_DIRECTORY,
  }),
  flag('--poll-interval <duration>', 'looks at the mounts even without events', {
    read: parsePollInterval,
    default: '10s',
  }),
  flag('--review-timeout <duration>', 'longest wait for the Kubernetes API, once a request is sent', {
    read: parseReviewTimeout,
    default: '5s',
  }),
  flag('--review-queue <number>', 'token reviews that may wait their turn', { read: parseQueue, default: '1000' }),
  flag('--token-cache-ttl <duration>', 'how long an accepted token is remembered; 0: not', {
    read: parseCacheTtl,
    default: '10s',
  }),
  flag('--review-account-qps <number>', 'token reviews of one account a second', { read: parseQps, default: '50' }),
  flag('--review-account-burst <number>', 'token reviews of one account at once', {
    read: parseBurst,
    default: '1000',
  }),
  flag(
    '--audience-fallback <bool>',
    'asks again without an audience, as Linkerd does: any token of the cluster will do',
    {
      read: parseGoBool,
      default: 'false',
    },
  ),
  flag('--token-precheck <bool>', "refuses tokens that the cluster's published keys did not sign", {
    read: parseGoBool,
    default: 'true',
  }),
]
