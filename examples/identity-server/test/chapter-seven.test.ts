import { describe, expect, test, vi } from 'vitest'
import { startServer } from './server-process.ts'
import { createWorld, goodRequest, webLinkerdName } from './world.ts'

vi.setConfig({ testTimeout: 30_000 })

/** Times, ports, versions, PEM and hashes are of the run; everything else is of the story. */
function mask(text: string): string {
  return text
    .replace(/time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/, 'time="…"')
    .replace(/version \d+\.\d+\.\d+/, 'version …')
    .replace(/on :\d+/, 'on :PORT')
    .replace(/https:\/\/127\.0\.0\.1:\d+\//, 'https://…/')
    .replace(/in \d+ milliseconds/, 'in N milliseconds')
    .replace(/-----BEGIN CERTIFICATE-----\\n[A-Za-z0-9+/=\\]+-----END CERTIFICATE-----\\n/, '<PEM>')
    .replace(/until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC: [0-9a-f]{64}"/, 'until <notAfter>: <sha256>"')
}

const identity = 'spiffe://cluster.local/ns/emojivoto/sa/web'
const story = [
  'time="…" level=info msg="running version …"',
  'time="…" level=info msg="starting admin server on :PORT"',
  'time="…" level=info msg="Using k8s client with QPS=100.00 Burst=200"',
  'time="…" level=debug msg="POST https://…/apis/authorization.k8s.io/v1/selfsubjectaccessreviews 201 Created in N milliseconds"',
  'time="…" level=debug msg="Loaded issuer cert: <PEM>"',
  'time="…" level=debug msg="Issuer has been updated"',
  'time="…" level=info msg="starting gRPC server on :PORT"',
  `time="…" level=debug msg="Validating token for ${identity}"`,
  'time="…" level=debug msg="POST https://…/apis/authentication.k8s.io/v1/tokenreviews 201 Created in N milliseconds"',
  `time="…" level=info msg="issued certificate for ${identity} until <notAfter>: <sha256>"`,
]

const plain = ['-addr', ':0', '-admin-addr', ':0', '-log-format', 'plain']

describe('the log of a debug run', () => {
  test('is the one of chapter 7, line by line, with times and ids masked', async () => {
    await using world = await createWorld()
    await using server = await startServer(world, plain)
    await server.certify(await goodRequest(world))
    await server.log.next(/^issued certificate/)
    expect(server.log.texts.map(mask)).toEqual(story)
  })

  test('in profile linkerd has the DNS form, as the original', async () => {
    await using world = await createWorld()
    await using server = await startServer(world, [...plain, '-profile', 'linkerd'])
    await server.certify(await goodRequest(world, webLinkerdName))
    await server.log.next(/^issued certificate/)
    expect(server.log.texts.map(mask)).toEqual(story.map((line) => line.replace(identity, webLinkerdName)))
  })

  test('says of the certificate what is in it, and holds no token and no private key', async () => {
    await using world = await createWorld()
    await using server = await startServer(world, ['-kube-apiclient-qps=12.5', '-kube-apiclient-burst=1'])
    await server.log.next(/^Using k8s client with QPS=12\.50 Burst=1$/)
    const request = await goodRequest(world)
    const { leafCertificate, validUntil } = await server.certify(request)
    const { msg } = await server.log.next(/^issued certificate/)
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(leafCertificate))).toString('hex')
    const until = validUntil.toISOString().replace('T', ' ').replace('.000Z', ' +0000 UTC')
    expect(msg).toBe(`issued certificate for ${identity} until ${until}: ${digest}`)

    const log = server.log.texts.join('\n')
    expect(log).not.toContain(new TextDecoder().decode(request.token))
    expect(log).not.toContain(world.api.callerToken)
    expect(log).not.toContain('PRIVATE KEY')
  })
})
