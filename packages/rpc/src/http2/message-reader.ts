import { RpcError } from '../errors.ts'

/** Flag and length before each message. */
export const PREFIX_BYTES = 5

/** Puts the one message of a request together. */
export class MessageReader {
  readonly #maxBytes: number
  #chunks: Buffer[] = []
  #received = 0
  /** Of the prefix and the message, once the prefix is there. */
  #expected = Infinity

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * Takes a part of the body. Nothing beyond the limit is kept.
   *
   * @throws RpcError RPC_RESOURCE_EXHAUSTED, RPC_UNIMPLEMENTED (compressed, or a second message)
   */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#received += chunk.length
    if (this.#expected === Infinity && this.#received >= PREFIX_BYTES) this.#readPrefix()
    if (this.#received > this.#expected) {
      throw new RpcError('UNIMPLEMENTED', 'expected one request message, found a second')
    }
  }

  /**
   * The message, when the body has ended.
   *
   * @throws RpcError RPC_UNIMPLEMENTED when there is none, or only a part of it
   */
  end(): Buffer {
    if (this.#received !== this.#expected) throw new RpcError('UNIMPLEMENTED', 'expected a request message, found none')
    return this.#whole().subarray(PREFIX_BYTES)
  }

  #readPrefix(): void {
    const prefix = this.#whole()
    const length = prefix.readUInt32BE(1)
    if (length > this.#maxBytes) {
      throw new RpcError('RESOURCE_EXHAUSTED', `Received message larger than max (${length} vs ${this.#maxBytes})`)
    }
    if (prefix[0] !== 0)
      throw new RpcError('UNIMPLEMENTED', 'expected a message that is not compressed, found one that is')
    this.#expected = PREFIX_BYTES + length
  }

  #whole(): Buffer {
    const [first] = this.#chunks
    if (first !== undefined && this.#chunks.length === 1) return first
    const whole = Buffer.concat(this.#chunks)
    this.#chunks = [whole]
    return whole
  }
}

/** A message as it goes over the wire. */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  message.copy(frame, PREFIX_BYTES)
  return frame
}
