import { checkDer, DerReader, Tag } from '@meshid/der'
import { CsrError } from './errors.ts'
import { formatIpAddress } from './ip-address.ts'
import { unprintableAt } from './printable.ts'

/** Tags of the choices of GeneralName; what has parts is constructed (RFC 5280 4.2.1.6). */
export const generalName = {
  otherName: 0xa0,
  emailAddress: 0x81,
  dnsName: 0x82,
  x400Address: 0xa3,
  directoryName: 0xa4,
  ediPartyName: 0xa5,
  uri: 0x86,
  ipAddress: 0x87,
  registeredId: 0x88,
} as const

const others: readonly number[] = [
  generalName.otherName,
  generalName.x400Address,
  generalName.directoryName,
  generalName.ediPartyName,
  generalName.registeredId,
]

/** The names that a request asks for, each list in the order of the request. */
export interface CsrNames {
  readonly dnsNames: readonly string[]
  readonly uris: readonly string[]
  readonly emailAddresses: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly otherNameCount: number
}

/** Moves past a GeneralNames; it must not be empty, and its names must be printable ASCII or whole IP addresses. */
export function checkSubjectAltNames(reader: DerReader): void {
  reader.enter(Tag.sequence)
  do checkGeneralName(reader)
  while (!reader.done)
  reader.leave()
}

function checkGeneralName(reader: DerReader): void {
  const tag = reader.peek()
  if (tag === generalName.dnsName || tag === generalName.uri || tag === generalName.emailAddress) {
    reader.next(tag)
    checkPrintable(reader)
  } else if (tag === generalName.ipAddress) {
    reader.next(tag)
    const length = reader.contentEnd - reader.contentStart
    if (length !== 4 && length !== 16) throw invalid('an IP address of 4 or 16 bytes', `${length} bytes`)
  } else if (others.includes(tag)) {
    reader.next(tag)
    checkDer(reader.element())
  } else {
    // Not a GeneralName: let the reader say what stands there.
    reader.next(generalName.dnsName)
  }
}

function checkPrintable(reader: DerReader): void {
  if (reader.contentStart === reader.contentEnd) throw invalid('a name', 'an empty one')
  const at = unprintableAt(reader)
  if (at < 0) return
  const octet = reader.bytes[at] as number
  throw invalid('printable ASCII', `0x${octet.toString(16).padStart(2, '0')} in a name`)
}

function invalid(expected: string, found: string): CsrError {
  return new CsrError('CSR_NAME_INVALID', { expected, found })
}

/** Decodes the GeneralNames that starts at an offset, which {@link checkSubjectAltNames} has checked. */
export function readSubjectAltNames(bytes: Uint8Array, start: number): CsrNames {
  const names = { dnsNames: [] as string[], uris: [] as string[], emailAddresses: [] as string[] }
  const ipAddresses: string[] = []
  let otherNameCount = 0
  const reader = new DerReader(bytes, { start })
  reader.enter(Tag.sequence)
  while (!reader.done) {
    const tag = reader.peek()
    if (tag === generalName.dnsName) names.dnsNames.push(reader.readIa5String(tag))
    else if (tag === generalName.uri) names.uris.push(reader.readIa5String(tag))
    else if (tag === generalName.emailAddress) names.emailAddresses.push(reader.readIa5String(tag))
    else if (tag === generalName.ipAddress) ipAddresses.push(formatIpAddress(reader.readOctetString(tag)))
    else {
      reader.skip()
      otherNameCount += 1
    }
  }
  return Object.freeze({
    dnsNames: Object.freeze(names.dnsNames),
    uris: Object.freeze(names.uris),
    emailAddresses: Object.freeze(names.emailAddresses),
    ipAddresses: Object.freeze(ipAddresses),
    otherNameCount,
  })
}
