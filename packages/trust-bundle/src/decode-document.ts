import { refusal } from './errors.ts'
import type { JsonValue } from './json-value.ts'
import { parseJson } from './parse-json.ts'

/** Longest document: a megabyte, the most a ConfigMap can hold. */
export const MAX_DOCUMENT_BYTES = 0x100000

/** Reads a document as strict JSON; bytes must be UTF-8 without a byte order mark. */
export function decodeDocument(document: string | Uint8Array, maxBytes: number = MAX_DOCUMENT_BYTES): JsonValue {
  if (typeof document !== 'string' && !(document instanceof Uint8Array)) {
    throw new TypeError('document: expected text, or bytes of it')
  }
  if (document.length > maxBytes) {
    throw refusal('TRUST_BUNDLE_TOO_LARGE', 'document', `at most ${maxBytes} bytes`, `${document.length}`, {
      detail: { limit: maxBytes },
    })
  }
  return parseJson(typeof document === 'string' ? document : decodeUtf8(document))
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw refusal('TRUST_BUNDLE_JSON_INVALID', 'document', 'UTF-8', 'other bytes', { cause })
  }
}
