import { describe, expect, test, vi } from 'vitest'
import { parseFlags } from '../src/flags.ts'
import { run } from './server-process.ts'

vi.setConfig({ testTimeout: 30_000 })

function flagsOf(...argv: string[]) {
  const outcome = parseFlags(argv)
  if (outcome.kind !== 'run') throw new Error(`expected flags, found ${outcome.text}`)
  return outcome.flags
}

function refusalOf(...argv: string[]) {
  const outcome = parseFlags(argv)
  if (outcome.kind !== 'exit') throw new Error('expected a refusal, found flags')
  return outcome
}

describe('flags', () => {
  test("have Linkerd's defaults, and spiffe as their profile", () => {
    expect(flagsOf()).toEqual({
      addr: { host: undefined, port: 8080, text: ':8080' },
      adminAddr: { host: undefined, port: 9990, text: ':9990' },
      kubeconfig: '',
      controllerNamespace: '',
      identityScheme: '',
      identityTrustDomain: '',
      identityIssuanceLifetime: 86_400_000,
      identityClockSkewAllowance: 10_000,
      enablePprof: false,
      kubeApiclientQps: 100,
      kubeApiclientBurst: 200,
      issuer: '/var/run/linkerd/identity/issuer',
      logLevel: 'info',
      logFormat: 'plain',
      transport: 'http2',
      profile: 'spiffe',
      issuerInvalidStatus: 'unavailable',
      trustRoots: '/var/run/linkerd/identity/trust-roots',
      serviceAccountDir: '/var/run/secrets/kubernetes.io/serviceaccount',
      pollInterval: 10_000,
      reviewTimeout: 5000,
      reviewQueue: 1000,
      reviewAccountQps: 50,
      reviewAccountBurst: 1000,
      tokenCacheTtl: 10_000,
      tokenPrecheck: true,
      audienceFallback: false,
      cores: 'auto',
    })
  })

  test.each([
    { of: 'one dash and a space', argv: ['-addr', '127.0.0.1:1'] },
    { of: 'one dash and =', argv: ['-addr=127.0.0.1:1'] },
    { of: 'two dashes and a space', argv: ['--addr', '127.0.0.1:1'] },
    { of: 'two dashes and =', argv: ['--addr=127.0.0.1:1'] },
    { of: 'twice, the last one counts', argv: ['-addr', ':9', '--addr', '127.0.0.1:1'] },
  ])('are taken with $of', ({ argv }) => {
    expect(flagsOf(...argv).addr).toEqual({ host: '127.0.0.1', port: 1, text: '127.0.0.1:1' })
  })

  test("take the chart's arguments as they are", () => {
    const flags = flagsOf(
      '-log-level=info',
      '-log-format=plain',
      '-controller-namespace=linkerd',
      '-identity-trust-domain=cluster.local',
      '-identity-issuance-lifetime=24h0m0s',
      '-identity-clock-skew-allowance=20s',
      '-identity-scheme=linkerd.io/tls',
      '-enable-pprof=false',
      '-kube-apiclient-qps=100',
      '-kube-apiclient-burst=200',
      '-trace-collector=',
    )
    expect(flags).toMatchObject({ identityIssuanceLifetime: 86_400_000, identityClockSkewAllowance: 20_000 })
  })

  test("take the arguments of Linkerd's Deployment unedited, its program's name included, and are Linkerd's then", () => {
    expect(flagsOf('identity', '-log-level=warn', '-addr', ':1')).toMatchObject({
      profile: 'linkerd',
      logLevel: 'warn',
      addr: { port: 1 },
    })
    expect(flagsOf('identity', '--profile', 'dual').profile).toBe('dual')
    expect(refusalOf('-log-level=warn', 'identity').code).toBe(2)
  })

  test("choose how an issuer that is not valid is answered, where the profile has Linkerd's answers", () => {
    for (const profile of ['linkerd', 'dual']) {
      const flags = flagsOf('--profile', profile, '--issuer-invalid-status=unknown')
      expect(flags.issuerInvalidStatus).toBe('unknown')
    }
  })

  test('that are true when they stand alone, and else say it behind a =', () => {
    expect(flagsOf('-enable-pprof', '-token-precheck=false')).toMatchObject({ enablePprof: true, tokenPrecheck: false })
    expect(flagsOf('--audience-fallback=true', '--kubeconfig', 'x')).toMatchObject({
      audienceFallback: true,
      kubeconfig: 'x',
    })
    expect(flagsOf('-log-format', 'xml').logFormat).toBe('xml')
  })

  test('empty durations mean the defaults, a skew of 0 means none', () => {
    expect(flagsOf('-identity-issuance-lifetime', '').identityIssuanceLifetime).toBe(86_400_000)
    expect(flagsOf('-identity-clock-skew-allowance', '').identityClockSkewAllowance).toBe(10_000)
    expect(flagsOf('-identity-clock-skew-allowance', '0').identityClockSkewAllowance).toBe(0)
  })

  test.each([
    ['-identity-issuance-lifetime', '24'],
    ['-identity-issuance-lifetime', '0'],
    ['-identity-issuance-lifetime', '-1h'],
    ['-identity-issuance-lifetime', '999ms'],
    ['-identity-issuance-lifetime', '900000h'],
    ['-identity-clock-skew-allowance', 'x'],
    ['-identity-clock-skew-allowance', '-5s'],
    ['-identity-clock-skew-allowance', '25h'],
    ['-poll-interval', '0'],
    ['-addr', '8080'],
    ['-kube-apiclient-qps', '0'],
    ['-kube-apiclient-qps', 'many'],
    ['-kube-apiclient-burst', '1.5'],
    ['-log-level', 'loud'],
    ['-profile', 'x509'],
    ['-transport', 'http3'],
    ['-issuer-invalid-status', 'ok'],
    ['-issuer-invalid-status', 'unknown'],
    ['-issuer-invalid-status', 'unknown', '-profile', 'spiffe'],
    ['-version=perhaps'],
    ['-enable-pprof=perhaps'],
    ['-review-timeout', '9ms'],
    ['-review-queue', '-1'],
    ['-review-account-burst', '0'],
    ['-token-cache-ttl', '301s'],
    ['-token-precheck=maybe'],
    ['-trace-collector', 'collector:55678'],
    ['-unknown', 'x'],
    ['stray'],
    ['-addr'],
  ])('refuse %s %s with status 2 and say why (Q12)', (...argv) => {
    const { code, text } = refusalOf(...argv)
    expect(code).toBe(2)
    expect(text).toContain(argv[0]?.replace(/^-+|=.*/g, ''))
    expect(text).toMatch(/expected|Allowed|carry it out|unknown|too many|missing/)
    expect(text).toContain('--help')
  })
})

describe('the program', () => {
  test('--help lists every flag with its default, and examples, and ends with 0', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of Object.keys(flagsOf())) {
      expect(stdout).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
    }
    expect(stdout).toContain('(default: :8080)')
    expect(stdout).toContain('Examples:')
    for (const flag of ['-help', '-h']) expect(refusalOf(flag)).toEqual({ kind: 'exit', code: 0, text: stdout })
  })

  test('a duration that cannot be read stops the start: status 2, the reason on standard error, no log', async () => {
    const { code, stdout, stderr } = await run(['-identity-issuance-lifetime', 'soon'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/identity-issuance-lifetime.*expected a duration such as 24h.*"soon"/)
  })

  test('-version prints the version and ends with 0', async () => {
    expect(await run(['-version'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as unknown,
      stderr: '',
    })
  })
})
