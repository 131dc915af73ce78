import type { SecureContextOptions } from 'node:tls'
import { parseSpiffeId, parseTrustDomain } from '@meshid/spiffe-id'
import { authorizeId } from '@meshid/svid'
import { createTestCa, type TestCa } from '@meshid/testkit'
import { createTrustBundle, createTrustBundleSet, type TrustBundleSet } from '@meshid/trust-bundle'
import type { PeerTrust, WorkloadErrorCode } from '@meshid/workload'
import { hourMs, idOf, now, oddLeaf, rawIdentity, type RawIdentity, trustDomain, web, webDnsName } from '../world.ts'

/** Somebody who must be refused, on whichever side of TLS. */
export interface Impostor {
  readonly what: string
  /** What it shows in TLS. */
  readonly identity: SecureContextOptions
  readonly code: WorkloadErrorCode
  /** What stands in `detail.found` of the refusal. */
  readonly found: string
  /** Whom the other side trusts, when it is not {@link ImpostorWorld.trust}. */
  readonly trust?: PeerTrust
}

/** One CA that is trusted, for the ID `web` only, and those who pretend to be that. */
export interface ImpostorWorld {
  readonly ca: TestCa
  readonly trust: PeerTrust
  /** Who must be let in. */
  readonly good: RawIdentity
  readonly impostors: readonly Impostor[]
}

const otherDomain = parseTrustDomain('other.local')
const leafUsage = 'keyUsage=critical,digitalSignature'
const webUri = `subjectAltName=URI:${web.toString()}`
const untrusted = 'WORKLOAD_PEER_UNTRUSTED'

/** Makes them all; openssl signs what no honest issuer of ours would. */
export async function createImpostorWorld(): Promise<ImpostorWorld> {
  const ca = await createTestCa({ now: new Date(now.getTime() - 3 * hourMs) }) // old enough to have issued what has expired
  const foreign = await createTestCa({ now })
  const bundles = bundlesOf([trustDomain, ca], [otherDomain, foreign])
  const trust = trustOf(bundles)
  const good = await rawIdentity(ca, { spiffeId: web })
  const impostors = [
    ...(await strangers(ca, foreign)),
    ...(await outOfTime(ca)),
    ...(await badNames(ca)),
    ...(await badPowers(ca)),
    ...badChains(good, foreign),
    ...revoked(good, bundles),
  ]
  return { ca, trust, good, impostors }
}

function bundlesOf(...authorities: readonly (readonly [typeof trustDomain, TestCa])[]): TrustBundleSet {
  return createTrustBundleSet(
    authorities.map(([domain, ca]) => createTrustBundle({ trustDomain: domain, x509Authorities: [ca.root] })),
  )
}

const trustOf = (bundles: TrustBundleSet): PeerTrust => ({ bundles, authorize: authorizeId(web), now: () => now })

async function strangers(ca: TestCa, foreign: TestCa): Promise<Impostor[]> {
  return [
    {
      what: 'a leaf of a foreign CA that calls itself a member (X509-28)',
      identity: await rawIdentity(foreign, { spiffeId: web }),
      code: untrusted,
      found: 'SVID_UNKNOWN_AUTHORITY',
    },
    {
      what: 'a leaf of another trust domain under the shared CA (JS-6, X509-28)',
      identity: await rawIdentity(ca, { spiffeId: parseSpiffeId('spiffe://other.local/ns/emojivoto/sa/web') }),
      code: untrusted,
      found: 'SVID_UNKNOWN_AUTHORITY',
    },
    {
      what: 'a leaf of a trust domain without a bundle (X509-29)',
      identity: await rawIdentity(ca, { spiffeId: parseSpiffeId('spiffe://unknown.local/ns/emojivoto/sa/web') }),
      code: 'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN',
      found: 'unknown.local',
    },
    {
      what: 'a leaf that is not authorized, although its ID begins with the right one (X509-37)',
      identity: await rawIdentity(ca, { spiffeId: idOf('web-evil') }),
      code: 'WORKLOAD_PEER_NOT_AUTHORIZED',
      found: idOf('web-evil').toString(),
    },
  ]
}

async function outOfTime(ca: TestCa): Promise<Impostor[]> {
  const at = async (offsetMs: number): Promise<RawIdentity> =>
    rawIdentity(ca, { spiffeId: web }, { now: new Date(now.getTime() + offsetMs) })
  return [
    {
      what: 'a leaf that has expired (X509-26)',
      identity: await at(-2 * hourMs),
      code: untrusted,
      found: 'SVID_EXPIRED',
    },
    {
      what: 'a leaf that is not yet valid (X509-26)',
      identity: await at(hourMs),
      code: untrusted,
      found: 'SVID_NOT_YET_VALID',
    },
  ]
}

async function badNames(ca: TestCa): Promise<Impostor[]> {
  const odd = async (...extensions: readonly string[]): Promise<RawIdentity> => (await oddLeaf(ca, extensions)).raw
  return [
    {
      what: 'a leaf with a DNS name only (X509-3, Q41)',
      identity: await rawIdentity(ca, { dnsName: webDnsName }),
      code: untrusted,
      found: 'SVID_NO_URI_NAME',
    },
    {
      what: 'a leaf with two URI names (X509-2, Q41)',
      identity: await odd(`${webUri},URI:https://example.com/`, leafUsage),
      code: untrusted,
      found: 'SVID_MULTIPLE_URI_NAMES',
    },
    {
      what: 'a leaf whose ID has no path (X509-7)',
      identity: await odd('subjectAltName=URI:spiffe://cluster.local', leafUsage),
      code: untrusted,
      found: 'SVID_ID_WITHOUT_PATH',
    },
  ]
}

async function badPowers(ca: TestCa): Promise<Impostor[]> {
  const odd = async (...extensions: readonly string[]): Promise<RawIdentity> => (await oddLeaf(ca, extensions)).raw
  const caUsage = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature,keyCertSign']
  return [
    {
      what: 'a CA with a SPIFFE ID and a path, as a leaf (X509-6, X509-13, X509-15)',
      identity: await odd(webUri, ...caUsage),
      code: untrusted,
      found: 'SVID_LEAF_IS_CA',
    },
    {
      what: 'the issuer itself as a leaf (X509-13)',
      identity: { cert: ca.issuerPem, key: ca.issuerKey.toPkcs8Pem() },
      code: untrusted,
      found: 'SVID_NO_URI_NAME',
    },
    {
      what: 'the trust anchor itself as a leaf (X509-33)',
      identity: { cert: ca.rootPem, key: ca.rootKey.toPkcs8Pem() },
      code: untrusted,
      found: 'SVID_NO_URI_NAME',
    },
    {
      what: 'a leaf that may sign certificates (X509-18)',
      identity: await odd(webUri, 'keyUsage=critical,digitalSignature,keyCertSign'),
      code: untrusted,
      found: 'SVID_LEAF_CAN_SIGN',
    },
  ]
}

function badChains({ cert, key }: RawIdentity, foreign: TestCa): Impostor[] {
  const end = '-----END CERTIFICATE-----\n'
  return [
    {
      what: 'a leaf whose issuer is not sent (X509-26)',
      identity: { cert: cert.slice(0, cert.indexOf(end) + end.length), key },
      code: untrusted,
      found: 'SVID_UNKNOWN_AUTHORITY',
    },
    {
      what: 'a leaf with more certificates than the limit (X509-30)',
      identity: { cert: cert + foreign.rootPem.repeat(9), key },
      code: untrusted,
      found: 'SVID_CHAIN_TOO_LONG',
    },
  ]
}

function revoked(good: RawIdentity, bundles: TrustBundleSet): Impostor[] {
  return [
    {
      what: 'a good leaf of a trust domain whose bundle is gone (X509-29, BUNDLE-3)',
      identity: { ...good },
      code: 'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN',
      found: trustDomain.name,
      trust: trustOf(bundles.without(trustDomain)),
    },
    {
      what: 'a good leaf of a trust domain whose bundle is empty (BUNDLE-12)',
      identity: { ...good },
      code: untrusted,
      found: 'SVID_BUNDLE_EMPTY',
      trust: trustOf(bundles.with(createTrustBundle({ trustDomain }))),
    },
  ]
}
