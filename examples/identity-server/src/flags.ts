import { logLevels } from '@meshid/example-operations'
import { SERVICE_ACCOUNT_DIRECTORY } from '@meshid/token-review/node'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import {
  type NamedAddress,
  parseAddress,
  parseBurst,
  parseClockSkew,
  parseLifetime,
  parsePollInterval,
  parseQps,
} from './flag-values.ts'
import { normalizeArguments, parseGoBool } from './go-arguments.ts'
import { version } from './version.ts'

/** What the server was told to do; every value is checked. */
export interface Flags {
  readonly addr: NamedAddress
  readonly adminAddr: NamedAddress
  readonly controllerNamespace: string
  readonly identityScheme: string
  readonly identityTrustDomain: string
  /** In milliseconds, as all durations here. */
  readonly identityIssuanceLifetime: number
  readonly identityClockSkewAllowance: number
  readonly kubeApiclientQps: number
  readonly kubeApiclientBurst: number
  readonly issuer: string
  readonly logLevel: string
  readonly logFormat: string
  readonly profile: 'spiffe' | 'linkerd' | 'dual'
  readonly trustRoots: string
  readonly serviceAccountDir: string
  readonly pollInterval: number
}

/** Run with these flags, or print a text and end. */
export type FlagsOutcome =
  | { readonly kind: 'run'; readonly flags: Flags }
  | { readonly kind: 'exit'; readonly code: number; readonly text: string }

/** The exit status for flags that are wrong, as Go's flag package has it. */
export const USAGE_EXIT_CODE = 2

const identity = '/var/run/linkerd/identity'
const examples = `
Examples:
  $ main.ts -identity-scheme linkerd.io/tls -identity-trust-domain cluster.local
  $ main.ts --identity-scheme=kubernetes.io/tls --identity-trust-domain=cluster.local --log-level=debug
  $ main.ts --profile linkerd --controller-namespace linkerd \\
      --identity-scheme linkerd.io/tls --identity-trust-domain cluster.local --identity-issuance-lifetime 24h0m0s

Durations are written as in Go: 24h0m0s, 90s, 300ms. The Kubernetes API is found by KUBERNETES_SERVICE_HOST and
KUBERNETES_SERVICE_PORT. Without a scheme or a trust domain the identity service is disabled and ends with 0.`

/** Refused rather than ignored: whoever sets one of these relies on it. */
const notCarriedOut = {
  kubeconfig: 'the Kubernetes API is found by KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as in every pod',
  'trace-collector': 'traces are not exported',
  'enable-pprof': 'Node is profiled with --cpu-prof and --inspect',
} as const

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

function refuse(name: keyof typeof notCarriedOut, isOff: (text: string) => boolean): (text: string) => string {
  return (text) => {
    if (isOff(text)) return text
    throw new RangeError(`This server does not carry it out: ${notCarriedOut[name]}.`)
  }
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

const isEmpty = (text: string): boolean => text === ''
const isFalse = (text: string): boolean => !parseGoBool(text)

/** Linkerd's own, with its defaults. */
const linkerdFlags: readonly Option[] = [
  flag('--addr <address>', 'address of the gRPC server', { read: parseAddress, default: ':8080' }),
  flag('--admin-addr <address>', 'address of the admin server', { read: parseAddress, default: ':9990' }),
  flag('--kubeconfig <file>', 'not carried out', { read: refuse('kubeconfig', isEmpty) }),
  flag('--controller-namespace <namespace>', 'namespace of the control plane', { default: '' }),
  flag('--identity-scheme <scheme>', 'linkerd.io/tls: crt.pem, key.pem; other: tls.crt, tls.key', { default: '' }),
  flag('--identity-trust-domain <domain>', 'trust domain of all identities', { default: '' }),
  flag('--identity-issuance-lifetime <duration>', 'lifetime of leaves', {
    read: parseLifetime,
    default: '24h',
  }),
  flag('--identity-clock-skew-allowance <duration>', 'back-dating of leaves', {
    read: parseClockSkew,
    default: '10s',
  }),
  flag('--enable-pprof <bool>', 'not carried out', { read: refuse('enable-pprof', isFalse) }),
  flag('--kube-apiclient-qps <number>', 'requests to the Kubernetes API a second', { read: parseQps, default: '100' }),
  flag('--kube-apiclient-burst <number>', 'requests to the Kubernetes API at once', {
    read: parseBurst,
    default: '200',
  }),
  flag('--issuer <directory>', "the issuer's certificate and key", { default: `${identity}/issuer` }),
  flag('--trace-collector <address>', 'not carried out', { read: refuse('trace-collector', isEmpty) }),
  flag('--log-level <level>', 'least level that is logged', { default: 'info' }).choices(logLevels),
  flag('--log-format <format>', 'plain (logfmt) or json', { default: 'plain' }),
  flag('--version <bool>', 'print the version and end', { read: parseGoBool }),
]

const ownFlags: readonly Option[] = [
  flag('--profile <profile>', 'names in certificates', { default: 'spiffe' }).choices(['spiffe', 'linkerd', 'dual']),
  flag('--trust-roots <directory>', 'has ca-bundle.crt, the trust anchors', { default: `${identity}/trust-roots` }),
  flag('--service-account-dir <directory>', 'has ca.crt and token for the Kubernetes API', {
    default: SERVICE_ACCOUNT_DIRECTORY,
  }),
  flag('--poll-interval <duration>', 'looks at the mounts even without events', {
    read: parsePollInterval,
    default: '10s',
  }),
]

/** Reads the arguments behind the script's name. Nothing is printed here. */
export function parseFlags(argv: readonly string[]): FlagsOutcome {
  let text = ''
  const write = (part: string): void => void (text += part)
  const command = new Command('identity-server')
    .description('The identity service: gRPC Certify, and an admin server with /ping /live /ready /metrics.')
    .addHelpText('after', examples)
    .configureOutput({ writeOut: write, writeErr: write })
    .showHelpAfterError('(--help lists the flags)')
    .exitOverride()
  for (const option of [...linkerdFlags, ...ownFlags]) command.addOption(option)
  try {
    command.parse(normalizeArguments(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'exit', code: error.exitCode === 0 ? 0 : USAGE_EXIT_CODE, text }
  }
  const { version: versionAsked, ...flags } = command.opts<Flags & { version?: boolean }>()
  return versionAsked === true ? { kind: 'exit', code: 0, text: `${version}\n` } : { kind: 'run', flags }
}
