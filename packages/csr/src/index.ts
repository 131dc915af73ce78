export { buildCsr, type BuildCsrOptions, MAX_COMMON_NAME_LENGTH } from './build.ts'
export {
  type AsyncCsrMemory,
  type AsyncCsrMemoryOptions,
  createCsrMemory,
  CSR_MEMORY_BYTES,
  CSR_MEMORY_ENTRIES,
  type CsrMemory,
  type CsrMemoryCounts,
  type CsrMemoryOptions,
} from './csr-memory.ts'
export {
  type AsyncCsrVerifier,
  type AsyncCsrVerifierOptions,
  createCsrVerifier,
  type CsrVerifier,
  type CsrVerifierOptions,
} from './csr-verifier.ts'
export { CsrError, type CsrErrorCode, csrErrorCodes, type CsrErrorDetail } from './errors.ts'
export { type CsrKeyAlgorithm, csrKeyAlgorithms } from './key-algorithms.ts'
export { type CsrExpectation, matchCsr } from './match.ts'
export { MAX_CSR_BYTES, parseCsr, type ParseCsrOptions } from './parse.ts'
export { ParsedCsr } from './parsed-csr.ts'
export { readCsr } from './read.ts'
export { MAX_CSR_EXTENSIONS } from './requested-extensions.ts'
export type { CsrSubject, CsrSubjectAttribute } from './subject.ts'
export { VerifiedCsr, verifyCsr, type VerifyCsrOptions } from './verify.ts'
