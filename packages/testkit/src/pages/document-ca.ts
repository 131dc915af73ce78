import { encodeBitString, encodeExplicit, encodeInteger, encodeSequence, encodeTime } from '@meshid/der'
import {
  createNobleSigner,
  encodeSignatureAlgorithm,
  generatePrivateKey,
  keyIdentifier,
  type LocalSigner,
} from '@meshid/keys'
import {
  authorityKeyIdentifier,
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  type ForgedPurpose,
  generalName,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../chain-forge/extensions.ts'
import { createTestRandom } from '../test-random.ts'

/** A certificate of a page, and what is needed to sign with it. */
export interface DocumentCertificate {
  readonly der: Uint8Array
  readonly subject: Uint8Array
  readonly signer: LocalSigner
}

/** What may differ from the usual certificate. */
export interface DocumentOptions {
  /** Itself by default. */
  readonly by?: DocumentCertificate
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly pathLength?: number
  /** Names the key, if the certificate is to have another than is usual for its name. */
  readonly key?: string
  readonly commonName?: string
  readonly purposes?: readonly ForgedPurpose[]
  /** What the certificate says of its signature, in place of the truth. */
  readonly algorithm?: Uint8Array
  /** In place of the key's own. */
  readonly spki?: Uint8Array
  /** More extensions. */
  readonly more?: readonly Uint8Array[]
}

/** Makes certificates for pages: the same octets in every run, whatever is wrong with them. */
export interface DocumentCa {
  authority(commonName: string, options?: DocumentOptions): DocumentCertificate
  leaf(
    uris: string | readonly string[],
    options: DocumentOptions & { readonly by: DocumentCertificate },
  ): DocumentCertificate
}

const HOUR_MS = 3_600_000
const SEED = 20_260_304

/** @param now what the certificates are valid around, unless said otherwise */
export function createDocumentCa(now: Date): DocumentCa {
  const random = createTestRandom(SEED)
  const keys = new Map<string, LocalSigner>()
  let serialNumber = 0x1000
  const keyOf = (name: string): LocalSigner => {
    const known = keys.get(name) ?? createNobleSigner(generatePrivateKey('P-256', { random: random.bytes }))
    keys.set(name, known)
    return known
  }
  const at = (hours: number): Date => new Date(now.getTime() + hours * HOUR_MS)
  const sign = (name: string, subject: Uint8Array, usual: readonly Uint8Array[], options: DocumentOptions) => {
    const own = keyOf(options.key ?? name)
    return signDocument({ subject, own, usual, serialNumber: ++serialNumber, validity: [at(-1), at(23)] }, options)
  }
  return {
    authority(commonName, options = {}) {
      const { pathLength, notBefore = at(-720), notAfter = at(8040) } = options
      const usual = [basicConstraints({ ca: true, pathLength }).der, keyUsage(['keyCertSign', 'crlSign']).der]
      return sign(commonName, distinguishedName(commonName), usual, { ...options, notBefore, notAfter })
    },
    leaf(uris, options) {
      const names = [uris].flat()
      const usual = [
        basicConstraints({ ca: false }).der,
        keyUsage(['digitalSignature']).der,
        extendedKeyUsage(options.purposes ?? ['serverAuth', 'clientAuth']).der,
        subjectAltName(names.map((uri) => generalName('uri', uri))).der,
      ]
      return sign(names.join(), distinguishedName(options.commonName), usual, options)
    },
  }
}

interface UnsignedDocument {
  readonly subject: Uint8Array
  readonly own: LocalSigner
  readonly usual: readonly Uint8Array[]
  readonly serialNumber: number
  readonly validity: readonly [Date, Date]
}

function signDocument(unsigned: UnsignedDocument, options: DocumentOptions): DocumentCertificate {
  const { subject, own, usual, serialNumber, validity } = unsigned
  const signer = options.by?.signer ?? own
  const algorithm = options.algorithm ?? encodeSignatureAlgorithm(signer.signatureAlgorithm)
  const extensions = [
    ...usual,
    subjectKeyIdentifier(keyIdentifier(own.key.publicKey)).der,
    authorityKeyIdentifier(keyIdentifier(signer.key.publicKey)).der,
    ...(options.more ?? []),
  ]
  const tbs = encodeSequence(
    encodeExplicit(0, encodeInteger(2)),
    encodeInteger(serialNumber),
    algorithm,
    options.by?.subject ?? subject,
    encodeSequence(encodeTime(options.notBefore ?? validity[0]), encodeTime(options.notAfter ?? validity[1])),
    subject,
    options.spki ?? own.key.spki,
    encodeExplicit(3, encodeSequence(...extensions)),
  )
  return { der: encodeSequence(tbs, algorithm, encodeBitString(signer.sign(tbs))), subject, signer: own }
}
