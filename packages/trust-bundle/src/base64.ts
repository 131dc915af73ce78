type Alphabet = 'base64' | 'base64url'

const alphabets: Readonly<Record<Alphabet, RegExp>> = {
  base64: /^[A-Za-z0-9+/]+={0,2}$/,
  base64url: /^[A-Za-z0-9_-]+$/,
}

/** Decodes text in the one way that it can be written: no spaces, no foreign alphabet, no stray bits (X509-42). */
export function decodeBase64(text: string, alphabet: Alphabet): Uint8Array | undefined {
  if (!alphabets[alphabet].test(text)) return undefined
  const plain = text.replaceAll('-', '+').replaceAll('_', '/')
  const padded = alphabet === 'base64' ? plain : plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
  let binary: string
  try {
    binary = atob(padded)
  } catch {
    return undefined
  }
  if (btoa(binary) !== padded) return undefined
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** Encodes bytes in standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Encodes bytes in base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
