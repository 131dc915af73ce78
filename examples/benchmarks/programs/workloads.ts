import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { buildCsr } from '@meshid/csr'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { parseSpiffeId, type SpiffeId } from '@meshid/spiffe-id'

/** Whom all leaves are for. */
export const spiffeId: SpiffeId = parseSpiffeId('spiffe://cluster.local/ns/emojivoto/sa/web')

/** A workload with a key of its own. */
export interface Workload {
  /** DER. */
  readonly csr: Uint8Array
  /** The same public key in the two forms that node:crypto is fastest with: imported, and to be imported. */
  readonly key: KeyObject
  readonly pem: string
  /** Something that the key has signed. */
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** Makes workloads with P-256 keys, each ready to ask. */
export function createWorkloads(count: number): Promise<readonly Workload[]> {
  return Promise.all(Array.from({ length: count }, createWorkload))
}

async function createWorkload(): Promise<Workload> {
  const signer = createNodeSigner(generateNodePrivateKey('P-256'))
  const csr = await buildCsr({ signer, uris: [spiffeId.toString()] })
  const key = createPublicKey({ key: Buffer.from(signer.key.spki), format: 'der', type: 'spki' })
  const message = crypto.getRandomValues(new Uint8Array(300))
  return {
    csr,
    key,
    pem: String(key.export({ format: 'pem', type: 'spki' })),
    message,
    signature: signer.sign(message),
  }
}

/** Gives the elements of a list by turns, for ever. */
export function inTurn<T>(list: readonly T[]): () => T {
  let turn = 0
  return () => {
    const element = list[turn++ % list.length]
    if (element === undefined) throw new RangeError('expected a list with elements')
    return element
  }
}

const tbs = new Uint8Array(400)

/** F, the floor: one verification with a ready key and one signature, nothing else. */
export function createFloor(next: () => Workload, signerKey: KeyObject): () => boolean {
  return () => {
    const { key, message, signature } = next()
    return verify('sha256', message, key, signature) && sign('sha256', tbs, signerKey).length > 0
  }
}

/** The signature of F alone. */
export function createSignature(signerKey: KeyObject): () => boolean {
  return () => sign('sha256', tbs, signerKey).length > 0
}

/** F with the import of a key that was never seen before, as every new CSR brings one. */
export function createFloorWithImport(next: () => Workload, signerKey: KeyObject): () => boolean {
  return () => {
    const { pem, message, signature } = next()
    return verify('sha256', message, pem, signature) && sign('sha256', tbs, signerKey).length > 0
  }
}
