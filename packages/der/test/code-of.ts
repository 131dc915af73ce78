import { DerError, type DerErrorCode } from '@meshid/der'

/** The code of the DerError that the operation throws; anything else it throws is thrown on. */
export function codeOf(operation: () => unknown): DerErrorCode | undefined {
  try {
    operation()
  } catch (error) {
    if (error instanceof DerError) return error.code
    throw error
  }
  return undefined
}

/** Bytes from hex; spaces are for the reader. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
