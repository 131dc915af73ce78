import { Command, CommanderError } from 'commander'
import { linkerdFlags, ownFlags } from './flag-options.ts'
import type { NamedAddress } from './flag-values.ts'
import { normalizeArguments } from './go-arguments.ts'
import { version } from './version.ts'

/** What the server was told to do; every value is checked. */
export interface Flags {
  readonly addr: NamedAddress
  readonly adminAddr: NamedAddress
  /** Undefined: no TLS listener. */
  readonly tlsAddr?: NamedAddress | undefined
  /** Undefined: the account that Linkerd gives its identity service. */
  readonly tlsServiceAccount?: string | undefined
  /** Empty: the API server of the cluster that this runs in. */
  readonly kubeconfig: string
  readonly controllerNamespace: string
  readonly identityScheme: string
  readonly identityTrustDomain: string
  /** In milliseconds, as all durations here. */
  readonly identityIssuanceLifetime: number
  readonly identityClockSkewAllowance: number
  readonly enablePprof: boolean
  readonly kubeApiclientQps: number
  readonly kubeApiclientBurst: number
  readonly issuer: string
  readonly logLevel: string
  readonly logFormat: string
  readonly transport: 'grpc-js' | 'http2'
  readonly profile: 'spiffe' | 'linkerd' | 'dual'
  /** `unknown` is not for the profile `spiffe`. */
  readonly issuerInvalidStatus: 'unavailable' | 'unknown'
  readonly trustRoots: string
  /** Undefined: no audit log. */
  readonly auditLog?: string | undefined
  readonly serviceAccountDir: string
  readonly pollInterval: number
  readonly reviewTimeout: number
  readonly reviewQueue: number
  /** 0: nothing is remembered. */
  readonly tokenCacheTtl: number
  readonly tokenPrecheck: boolean
  readonly reviewAccountQps: number
  readonly reviewAccountBurst: number
  readonly audienceFallback: boolean
  /** How many cores to use. */
  readonly cores: number | 'auto'
}

/** Run with these flags, or print a text and end. */
export type FlagsOutcome =
  | { readonly kind: 'run'; readonly flags: Flags }
  | { readonly kind: 'exit'; readonly code: number; readonly text: string }

/** The exit status for flags that are wrong, as Go's flag package has it. */
export const USAGE_EXIT_CODE = 2

const examples = `
Examples:
  $ main.ts -identity-scheme linkerd.io/tls -identity-trust-domain cluster.local
  $ main.ts --identity-scheme=kubernetes.io/tls --identity-trust-domain=cluster.local --log-level=debug
  $ main.ts --profile linkerd --controller-namespace linkerd \\
      --identity-scheme linkerd.io/tls --identity-trust-domain cluster.local --identity-issuance-lifetime 24h0m0s

Durations are written as in Go: 24h0m0s, 90s, 300ms. Without --kubeconfig the Kubernetes API is found by
KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. Without a scheme or a trust domain the identity service is disabled and ends with 0.`

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
    refuseContradictions(command)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'exit', code: error.exitCode === 0 ? 0 : USAGE_EXIT_CODE, text }
  }
  const { version: versionAsked, ...flags } = command.opts<Flags & { version?: boolean }>()
  return versionAsked === true ? { kind: 'exit', code: 0, text: `${version}\n` } : { kind: 'run', flags }
}

/** Refused rather than ignored: a flag that does nothing in the profile that was chosen. */
function refuseContradictions(command: Command): void {
  const { profile, issuerInvalidStatus } = command.opts<Flags>()
  if (profile !== 'spiffe' || issuerInvalidStatus === 'unavailable') return
  command.error("error: option '--issuer-invalid-status unknown': expected --profile linkerd or dual, found spiffe")
}
