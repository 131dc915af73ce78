import { DerReader } from '@meshid/der'

/** The OID that the reader has just passed, as text. */
export function lastOid(reader: DerReader): string {
  return new DerReader(reader.element()).readOid()
}
