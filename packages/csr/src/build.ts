import {
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import { encodeSignatureAlgorithm, type Signer } from '@meshid/keys'
import { MAX_CSR_BYTES } from './parse.ts'
import { generalName } from './subject-alt-names.ts'

/** Longest common name: ub-common-name of RFC 5280 appendix A.1. Leave longer names to the alternative names (Q52). */
export const MAX_COMMON_NAME_LENGTH = 64

/** Options of {@link buildCsr}; names are printable ASCII. */
export interface BuildCsrOptions {
  /** Signs the request, and so shows possession; its key is the one to be certified. */
  readonly signer: Signer
  /** At most {@link MAX_COMMON_NAME_LENGTH} characters; without it the subject is empty. */
  readonly commonName?: string | undefined
  readonly dnsNames?: readonly string[]
  readonly uris?: readonly string[]
  readonly emailAddresses?: readonly string[]
  /** Stops waiting for the signer; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Builds and signs a PKCS#10 request as DER.
 *
 * It asks for names and for nothing else; what the certificate will say, whoever issues it decides. Names are in the order
 * DNS, URI, e-mail; they are marked critical when the subject is empty.
 *
 * @throws RangeError when a name is empty, too long or not printable ASCII, or the request exceeds {@link MAX_CSR_BYTES}
 * @see RFC 2986 section 4, RFC 5280 section 4.2.1.6
 */
export async function buildCsr(options: BuildCsrOptions): Promise<Uint8Array> {
  const { signer, commonName, signal } = options
  signal?.throwIfAborted()
  const info = encodeSequence(
    encodeInteger(0),
    encodeSubject(commonName),
    signer.key.spki,
    encodeExplicit(0, ...encodeAttributes(encodeNames(options), { isCritical: commonName === undefined })),
  )
  const signature = await signer.sign(info, { signal })
  const csr = encodeSequence(info, encodeSignatureAlgorithm(signer.signatureAlgorithm), encodeBitString(signature))
  if (csr.length > MAX_CSR_BYTES) throw new RangeError(`CSR: limit ${MAX_CSR_BYTES} bytes, found ${csr.length}`)
  return csr
}

function encodeSubject(commonName: string | undefined): Uint8Array {
  if (commonName === undefined) return encodeSequence()
  checkName(commonName)
  if (commonName.length > MAX_COMMON_NAME_LENGTH) {
    throw new RangeError(`common name: limit ${MAX_COMMON_NAME_LENGTH} characters, found ${commonName.length}`)
  }
  return encodeSequence(encodeSet(encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))))
}

function encodeNames({ dnsNames = [], uris = [], emailAddresses = [] }: BuildCsrOptions): Uint8Array[] {
  const encode = (tag: number) => (name: string) => {
    checkName(name)
    return encodeElement(tag, new TextEncoder().encode(name))
  }
  return [
    ...dnsNames.map(encode(generalName.dnsName)),
    ...uris.map(encode(generalName.uri)),
    ...emailAddresses.map(encode(generalName.emailAddress)),
  ]
}

function checkName(name: string): void {
  if (/^[\x20-\x7e]+$/.test(name)) return
  throw new RangeError(`name: expected printable ASCII, found ${name === '' ? 'nothing' : 'another character'}`)
}

function encodeAttributes(
  names: readonly Uint8Array[],
  { isCritical }: { readonly isCritical: boolean },
): Uint8Array[] {
  if (names.length === 0) return []
  const extension = encodeSequence(
    encodeOid(oids.subjectAltName),
    ...(isCritical ? [encodeBoolean(true)] : []),
    encodeOctetString(encodeSequence(...names)),
  )
  return [encodeSequence(encodeOid(oids.extensionRequest), encodeSet(encodeSequence(extension)))]
}
