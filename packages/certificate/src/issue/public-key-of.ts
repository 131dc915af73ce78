import { ProvenKey, type PublicKey } from '@meshid/keys'

/** The getter of the class reads a private field, so it fails for an object that only borrows the prototype, whatever else it has. */
const { get: readPublicKey } = Object.getOwnPropertyDescriptor(ProvenKey.prototype, 'publicKey') as {
  readonly get: (this: ProvenKey) => PublicKey
}

/** The key of a proof; what only looks like a proof fails here. @throws TypeError */
export function publicKeyOf(key: ProvenKey): PublicKey {
  if (!(key instanceof ProvenKey)) throw new TypeError('key: expected a ProvenKey, such as a verified CSR holds')
  return readPublicKey.call(key)
}
