export { createDirectVerifier } from './direct/create-direct-verifier.ts'
export type { DirectVerifier, DirectVerifierOptions } from './direct/create-direct-verifier.ts'
export type { DirectSvid } from './direct/direct-svid.ts'
export { MAX_DIRECT_BYTES, MAX_DIRECT_CERTIFICATES, MAX_DIRECT_ITEMS } from './direct/limits.ts'
