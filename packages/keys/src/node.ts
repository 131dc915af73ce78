export {
  createCryptoThreads,
  type CryptoThreads,
  type CryptoThreadsOptions,
  DEFAULT_RUNNING_JOBS,
  DEFAULT_WAITING_JOBS,
} from './node/crypto-threads.ts'
export { generateNodePrivateKey } from './node/generate-node-private-key.ts'
export { nodeSha256Hex } from './node/node-digest.ts'
export { createNodeSigner } from './node/node-signer.ts'
export { nodeVerifier } from './node/node-verifier.ts'
