export { sha256, type Sha256 } from './digest.ts'
export { decodeEcdsaSignature, encodeEcdsaSignature } from './ecdsa-signature.ts'
export { KeysError, keysErrorCodes, type KeysErrorCode, type KeysErrorDetail } from './errors.ts'
export { generatePrivateKey, type GeneratePrivateKeyOptions, type RandomSource } from './generate-private-key.ts'
export type { EcAlgorithm, KeyAlgorithm } from './key-algorithm.ts'
export { KEY_IDENTIFIER_BYTES, keyIdentifier } from './key-identifier.ts'
export { createNobleSigner } from './noble-signer.ts'
export { nobleVerifier } from './noble-verifier.ts'
export { MAX_PRIVATE_KEY_BYTES, parsePrivateKey } from './parse-private-key.ts'
export { PrivateKey } from './private-key.ts'
export { ProvenKey, proveKey, proveKeyAsync, type ProofOfPossession } from './proven-key.ts'
export {
  isSameKey,
  MAX_PUBLIC_KEY_BYTES,
  ownPublicKey,
  parsePublicKey,
  PublicKey,
  readPublicKey,
} from './public-key.ts'
export { createRemoteSigner, type RemoteKey, type RemoteSignerOptions } from './remote-signer.ts'
export { MAX_RSA_EXPONENT_BITS, MAX_RSA_MODULUS_BITS, MIN_RSA_MODULUS_BITS } from './rsa.ts'
export { checkSignatureAlgorithm, encodeSignatureAlgorithm, parseSignatureAlgorithm } from './signature-algorithm.ts'
export { MAX_ALGORITHM_BYTES, signatureAlgorithmFor, type SignatureAlgorithm } from './signature-algorithm.ts'
export { TRIAL_MESSAGE, type LocalSigner, type SignOptions, type Signer, type SignerOptions } from './signer.ts'
export type { AsyncVerifier, Verifier } from './verifier.ts'
