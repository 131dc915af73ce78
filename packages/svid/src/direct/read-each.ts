import { type DerReader, Tag } from '@meshid/der'
import { MAX_DIRECT_ITEMS } from './limits.ts'
import { expectPlain } from './undecided.ts'

/** Opens a SEQUENCE and calls `readOne`, which must read one element, until its end. */
export function readEach(reader: DerReader, readOne: () => void): void {
  reader.enter(Tag.sequence)
  for (let count = 1; !reader.done; count++) {
    expectPlain(count <= MAX_DIRECT_ITEMS)
    readOne()
  }
  reader.leave()
}
