export { generateNodePrivateKey } from './node/generate-node-private-key.ts'
export { nodeSha256Hex } from './node/node-digest.ts'
export { createNodeSigner } from './node/node-signer.ts'
export { nodeVerifier } from './node/node-verifier.ts'
export {
  createVerifierThreads,
  DEFAULT_WAITING_VERIFICATIONS,
  type VerifierThreads,
  type VerifierThreadsOptions,
} from './node/verifier-threads.ts'
