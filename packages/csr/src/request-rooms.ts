/** Bytes that are taken from the memory at once, for a dozen usual requests: each piece that is taken costs more than reading a request. */
const ROOM_BYTES = 4096

/** What is longer gets a piece of its own, so that little of a room stays unused. */
const MAX_SHARING_BYTES = ROOM_BYTES / 4

/** Copies requests into bytes of our own, several into one piece of memory; what one was given belongs to no other. */
export class RequestRooms {
  #room = new Uint8Array()
  #used = 0

  copy(der: Uint8Array): Uint8Array {
    const { length } = der
    if (length > MAX_SHARING_BYTES) return new Uint8Array(der)
    if (length > this.#room.length - this.#used) {
      this.#room = new Uint8Array(ROOM_BYTES)
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    this.#room.set(der, start)
    return this.#room.subarray(start, this.#used)
  }

  /** Takes the room of a copy back that nobody has kept, if it is still the last one; a request that is refused leaves nothing behind. */
  release({ buffer, byteOffset, length }: Uint8Array): void {
    if (buffer === this.#room.buffer && byteOffset + length === this.#used) this.#used = byteOffset
  }
}
