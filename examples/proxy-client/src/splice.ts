import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Joins two connections until both sides have ended; when one breaks, the other is ended too. Never rejects. */
export async function splice(one: Duplex, other: Duplex): Promise<void> {
  try {
    await pipeline(one, other, one)
  } catch {
    // Peers come and go; what matters is that neither half is left open.
  } finally {
    one.destroy()
    other.destroy()
  }
}
