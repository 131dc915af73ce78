import type { ECDSA } from '@noble/curves/abstract/weierstrass.js'
import { p256, p384 } from '@noble/curves/nist.js'
import type { EcAlgorithm } from './key-algorithm.ts'

/** Noble's implementation of each curve. */
export const nobleCurves: Readonly<Record<EcAlgorithm, ECDSA>> = { 'P-256': p256, 'P-384': p384 }
