import { createCsrMemory } from '@meshid/csr'
import { type Certifier, createCertifier, createIssuerHolder, linkerdProfile, spiffeProfile } from '@meshid/identity'
import { nodeSha256Hex, nodeVerifier } from '@meshid/keys/node'
import { parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { accountOf, FLEET_NAMESPACE } from '../cluster/cluster-protocol.ts'
import { createProxies } from '../proxies/create-proxies.ts'
import { CONTROL_NAMESPACE, type FleetProfile, TRUST_DOMAIN } from '../server/start-server.ts'

/** Options of {@link createOwnCertifier}. */
export interface OwnCertifierOptions {
  readonly proxies: number
  readonly accounts: number
  readonly profile: FleetProfile
  readonly onProgress?: (made: number) => void
}

/** A certifier in this process, and a fleet that may ask it. */
export interface OwnCertifier {
  /** Answers a proxy. */
  certify(proxy: number): ReturnType<Certifier['certify']>
}

/** How long the tokens of the fleet are, in bytes: what a real one has. */
const TOKEN_BYTES = 900

/**
 * Makes what stands between the wire and OpenSSL in the identity server: the decision, the memory of CSRs, the issuer. No sockets, no log,
 * and tokens are looked up in a table, not reviewed.
 */
export async function createOwnCertifier(options: OwnCertifierOptions): Promise<OwnCertifier> {
  const { proxies, accounts, profile } = options
  const ca = await createTestCa({ now: new Date(Date.now() - 60_000) })
  const holder = createIssuerHolder()
  holder.replace(ca.issuer, new Date())
  const trustDomain = parseTrustDomain(TRUST_DOMAIN)
  const names = { trustDomain, controlNamespace: CONTROL_NAMESPACE }
  const known = new Map(
    Array.from({ length: accounts }, (_, index) => {
      const account = serviceAccount(FLEET_NAMESPACE, accountOf(index, { accounts }))
      const reviewed = { username: account.username, groups: [], audiences: [], extra: {} }
      return [tokenOf(index), { ...reviewed, serviceAccount: account }] as const
    }),
  )
  const tokens = [...known.keys()]
  const certifier = createCertifier({
    reviewer: {
      review(token) {
        const account = known.get(token as Uint8Array)
        return account === undefined ? Promise.reject(new Error('expected a known token')) : Promise.resolve(account)
      },
    },
    profile: profile === 'spiffe' ? spiffeProfile(names) : linkerdProfile(names),
    issuer: holder,
    csrMemory: createCsrMemory({ verifier: nodeVerifier, digest: nodeSha256Hex }),
    clock: { now: () => new Date() },
  })
  const fleet = await createProxies(proxies, options)
  return {
    certify(index) {
      const [proxy, token] = [fleet[index], tokens[index % accounts]]
      if (proxy === undefined || token === undefined) throw new RangeError(`expected a proxy ${index}, found none`)
      return certifier.certify({ identity: proxy.identity, token, csr: proxy.csr })
    },
  }
}

const tokenOf = (account: number): Uint8Array =>
  new TextEncoder().encode(`token-of-${account}.`.padEnd(TOKEN_BYTES, 't'))
