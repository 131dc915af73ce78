/** All addresses that begin with the same bits. */
export interface IpNetwork {
  /** 4 or 16 octets; bits after the prefix are zero. */
  readonly address: Uint8Array
  /** In bits. */
  readonly prefixLength: number
}

/**
 * The network of a name constraint: an address and a mask, 8 or 32 octets; undefined when the mask is no run of ones.
 *
 * @see RFC 5280 section 4.2.1.10
 */
export function ipNetwork(bytes: Uint8Array): IpNetwork | undefined {
  if (bytes.length !== 8 && bytes.length !== 32) return undefined
  const half = bytes.length / 2
  const mask = bytes.subarray(half)
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('')
  if (!/^1*0*$/.test(bits)) return undefined
  const address = bytes.slice(0, half).map((octet, at) => octet & (mask[at] ?? 0))
  return Object.freeze({ address, prefixLength: bits.lastIndexOf('1') + 1 })
}

/** Whether an address lies in a network of its own family. */
export function isInNetwork(address: Uint8Array, { address: network, prefixLength }: IpNetwork): boolean {
  if (address.length !== network.length) return false
  for (let bit = 0; bit < prefixLength; bit++) {
    const mask = 0x80 >> (bit & 7)
    if (((address[bit >> 3] ?? 0) & mask) !== ((network[bit >> 3] ?? 0) & mask)) return false
  }
  return true
}

/**
 * The octets of an IP address in text, or undefined: dotted decimal without leading zeros, or the groups of IPv6 with at most
 * one `::` and no zone.
 *
 * @see RFC 4291 section 2.2
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 0x100)) {
    return undefined
  }
  return Uint8Array.from(parts, Number)
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const rest = tail ?? []
  const missing = 8 - head.length - rest.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...rest]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 16-bit groups of a part of an address; the last part may end in dotted decimal. */
function groupsOf(text: string, isLast: boolean): readonly number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const last = parts.at(-1) ?? ''
  const ipv4 = isLast && last.includes('.') ? parseIpv4(last) : undefined
  const hex = ipv4 === undefined ? parts : parts.slice(0, -1)
  if (!hex.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined
  const groups = hex.map((part) => Number.parseInt(part, 16))
  if (ipv4 === undefined) return groups
  const [a = 0, b = 0, c = 0, d = 0] = ipv4
  return [...groups, (a << 8) | b, (c << 8) | d]
}
