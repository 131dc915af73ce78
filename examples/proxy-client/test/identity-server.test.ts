import { expect, test } from 'vitest'
import { linkerdProfile } from '@meshid/identity'
import { startIdentityServer } from './identity-server-process.ts'
import { startProxy } from './proxy-process.ts'
import { createWorld, idOf, linkerdNameOf, trustDomain } from './world.ts'

const TEST_MS = 120_000
const identityName = String(linkerdNameOf('linkerd-identity', 'linkerd'))
const refresh = { LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '1s', LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '1s' }

test.each([
  ['linkerd', String(linkerdNameOf('web')), identityName],
  ['spiffe', idOf('web'), 'spiffe://cluster.local/ns/linkerd/sa/linkerd-identity'],
  ['dual', String(linkerdNameOf('web')), identityName],
])(
  "this project's identity server, profile %s, certifies a proxy over its own TLS, first without and then with a certificate",
  async (profile, name, serverName) => {
    await using world = await createWorld(linkerdProfile({ controlNamespace: 'linkerd', trustDomain }))
    await using server = await startIdentityServer(world, profile)
    const { env } = await world.pod('web', name)
    await using proxy = startProxy({
      ...env,
      ...refresh,
      LINKERD2_PROXY_IDENTITY_SVC_ADDR: `localhost:${server.tlsPort}`,
      LINKERD2_PROXY_IDENTITY_SVC_NAME: serverName,
    })
    const first = await proxy.log.next({ msg: 'Certified identity' })
    expect(first).toMatchObject({ id: name })
    const from = proxy.log.lines.indexOf(first) + 1
    const second = await proxy.log.next({ msg: 'Certified identity' }, { from })
    expect(second['serial']).not.toBe(first['serial'])
    expect(proxy.log.lines.slice(from).filter(({ level }) => level === 'warning')).toEqual([])
  },
  TEST_MS,
)
