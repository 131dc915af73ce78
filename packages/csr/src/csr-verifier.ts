import { type AsyncVerifier, nobleVerifier, type Verifier } from '@meshid/keys'
import { readLayout } from './layout.ts'
import { checkLength, type ParseCsrOptions } from './parse.ts'
import { RequestRooms } from './request-rooms.ts'
import { type VerifiedCsr, verifyLayout, verifyLayoutAsync, type VerifyCsrOptions } from './verify.ts'

/** Options of {@link createCsrVerifier}; those of `parseCsr` and `verifyCsr` hold for every request. */
export interface CsrVerifierOptions extends ParseCsrOptions, VerifyCsrOptions {}

/** The same with a verifier that may answer later, such as one of `createVerifierThreads` of `@meshid/keys/node`. */
export interface AsyncCsrVerifierOptions extends Omit<CsrVerifierOptions, 'verifier'> {
  readonly verifier?: Verifier | AsyncVerifier
}

/** Verifies requests, each from its bytes. */
export interface CsrVerifier {
  /**
   * Parses and verifies a request as `verifyCsr(parseCsr(der))` does; the bytes are copied first, and read once.
   *
   * @throws CsrError every code of `parseCsr` and `verifyCsr`
   */
  verify(der: Uint8Array): VerifiedCsr
}

/** Verifies requests with a verifier that may answer later. */
export interface AsyncCsrVerifier {
  /**
   * What {@link CsrVerifier} says: at once, if that can be, or as a promise.
   *
   * @throws CsrError every code of `parseCsr` and `verifyCsr`, at once or as a rejection
   */
  verify(der: Uint8Array): VerifiedCsr | Promise<VerifiedCsr>
}

/** Creates a verifier of many requests, with one verifier of signatures and one policy. */
export function createCsrVerifier(options?: CsrVerifierOptions): CsrVerifier
export function createCsrVerifier(options: AsyncCsrVerifierOptions): AsyncCsrVerifier
export function createCsrVerifier(options: AsyncCsrVerifierOptions = {}): AsyncCsrVerifier {
  const rooms = new RequestRooms()
  return Object.freeze({
    verify(der: Uint8Array) {
      checkLength(der, options)
      return verifyCopy(rooms.copy(der), { rooms, options })
    },
  })
}

/** Verifies a copy out of the rooms, at once if its verifier can; the room of one that is refused at once is taken back. */
export function verifyCopy(
  copy: Uint8Array,
  { rooms, options }: { readonly rooms: RequestRooms; readonly options: AsyncCsrVerifierOptions },
): VerifiedCsr | Promise<VerifiedCsr> {
  const { verifier = nobleVerifier } = options
  try {
    const layout = readLayout(copy)
    if ('verifyAsync' in verifier) return verifyLayoutAsync(layout, verifier, options)
    return verifyLayout(layout, verifier, options)
  } catch (error) {
    rooms.release(copy)
    throw error
  }
}
