import { generateKeyPairSync, sign as cryptoSign } from 'node:crypto'
import { buildCsr } from '@meshid/csr'
import { createRemoteSigner, type Signer } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { linkerdName, parseTrustDomain, serviceAccount, spiffeIdOf } from '@meshid/spiffe-id'
import { accountOf, FLEET_NAMESPACE } from '../cluster/cluster-protocol.ts'
import { CONTROL_NAMESPACE, type FleetProfile, TRUST_DOMAIN } from '../server/start-server.ts'

/** A proxy as far as the identity service can tell it from a real one: a name, a key of its own, and its CSR. */
export interface SimulatedProxy {
  readonly identity: string
  readonly csr: Uint8Array
  /** The public key that its leaf must have. */
  readonly spki: Uint8Array
}

/** Options of {@link createProxies}. */
export interface ProxyOptions {
  readonly accounts: number
  readonly profile: FleetProfile
  /** Told how many are made, now and then. */
  readonly onProgress?: (made: number) => void
}

/** How many keys are made between two words of progress. */
const PROGRESS_EVERY = 500

/** Makes proxies with keys and CSRs, beforehand: what they cost must not disturb what is measured. */
export async function createProxies(
  count: number,
  { accounts, profile, onProgress }: ProxyOptions,
): Promise<readonly SimulatedProxy[]> {
  const proxies: SimulatedProxy[] = []
  for (let pod = 0; pod < count; pod++) {
    const identity = identityOf(accountOf(pod, { accounts }), profile)
    const signer = await createThrowawaySigner()
    const names = profile === 'spiffe' ? { uris: [identity] } : { dnsNames: [identity] }
    proxies.push({ identity, csr: await buildCsr({ signer, ...names }), spki: signer.key.spki })
    if ((pod + 1) % PROGRESS_EVERY === 0) onProgress?.(pod + 1)
  }
  return proxies
}

/** A key that never leaves node:crypto: ten times as fast as one that is taken out and checked, and forgotten after the CSR. */
function createThrowawaySigner(): Promise<Signer> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = {
    spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    signatureAlgorithm: 'ecdsa-sha256' as const,
    sign: (message: Uint8Array) => new Uint8Array(cryptoSign('sha256', message, privateKey)),
  }
  return createRemoteSigner(key, { verifier: nodeVerifier })
}

/** The name that an account of the fleet asks for. */
export function identityOf(name: string, profile: FleetProfile): string {
  const account = serviceAccount(FLEET_NAMESPACE, name)
  const trustDomain = parseTrustDomain(TRUST_DOMAIN)
  if (profile === 'spiffe') return spiffeIdOf(account, trustDomain).toString()
  return linkerdName({ serviceAccount: account, controlNamespace: CONTROL_NAMESPACE, trustDomain }).toString()
}
