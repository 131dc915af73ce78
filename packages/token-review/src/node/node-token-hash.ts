import { hash } from 'node:crypto'
import type { TokenHash } from '../gateway/token-hash.ts'

/** Hashes a token at once, with node:crypto: give it to each layer as `hash`. */
export const nodeTokenHash: TokenHash = (token: string): string => hash('sha256', token, 'base64')
