export { forgeChains, type ForgeChainsOptions, type ForgedChain } from './chain-forge/chain-forge.ts'
export type { ForgedVerdict } from './chain-forge/mutation.ts'
export {
  createGoOracle,
  type GoOracle,
  type GoQuestion,
  type GoVerdict,
  type GoVerdicts,
} from './go-oracle/go-oracle.ts'
export type { GoParty } from './go-oracle/party.ts'
export type { GoOutcome, GoServer } from './go-oracle/server.ts'
export {
  startKubernetesApi,
  type KubernetesApi,
  type KubernetesApiOptions,
  type NewToken,
} from './kubernetes-api/kubernetes-api.ts'
export type { FaultGate } from './kubernetes-api/faults.ts'
export type { ReviewLimit } from './kubernetes-api/review-limit.ts'
export { createKubernetesVolume, type KubernetesVolume, type VolumeFiles } from './kubernetes-volume.ts'
export { openssl, type OpensslResult } from './openssl.ts'
export { createPlainMount, type PlainMount } from './plain-mount.ts'
export { createTestClock, type TestClock } from './test-clock.ts'
export { createTestRandom, type TestRandom } from './test-random.ts'
export { createTestCa, type TestCa, type TestCaOptions, type TestLeaf } from './test-ca.ts'
