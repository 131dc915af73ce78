import { type Certificate, createTrustAnchors, parseCertificate } from '@meshid/certificate'
import {
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import {
  createNobleSigner,
  encodeSignatureAlgorithm,
  generatePrivateKey,
  keyIdentifier,
  type LocalSigner,
  nobleVerifier,
} from '@meshid/keys'
import { parseTrustDomain, type TrustDomain } from '@meshid/spiffe-id'
import { SvidError, type SvidPurpose, verifySvid } from '@meshid/svid'
import { createTrustBundle, createTrustBundleSet, type TrustBundleSet } from '@meshid/trust-bundle'

/** The instant that tests call now. */
export const now: Date = new Date('2026-11-21T12:00:00Z')

const HOUR_MS = 3_600_000

/** An instant some hours from {@link now}. */
export const hours = (count: number): Date => new Date(now.getTime() + count * HOUR_MS)

export const trustDomain: TrustDomain = parseTrustDomain('td.test')
export const otherDomain: TrustDomain = parseTrustDomain('other.test')

export const usages = {
  digitalSignature: 1,
  keyEncipherment: 4,
  keyAgreement: 16,
  keyCertSign: 32,
  crlSign: 64,
} as const
export type Usage = keyof typeof usages

/** A name of a subject alternative name. */
export interface AltName {
  readonly uri?: string
  readonly dns?: string
  readonly email?: string
}

/** What a certificate says, and who signs it; anything may be wrong with it. */
export interface Recipe {
  readonly commonName?: string
  readonly names?: readonly AltName[]
  readonly namesCritical?: boolean
  readonly ca?: boolean
  readonly pathLength?: number
  readonly usages?: readonly Usage[]
  readonly usagesCritical?: boolean
  readonly purposes?: readonly ('serverAuth' | 'clientAuth' | 'codeSigning')[]
  readonly purposesCritical?: boolean
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly extensions?: readonly Uint8Array[]
  readonly key?: LocalSigner
  /** Itself by default. */
  readonly by?: Link
}

/** A certificate and the key that it is for. */
export interface Link {
  readonly certificate: Certificate
  readonly key: LocalSigner
}

export const newKey = (algorithm: 'P-256' | 'P-384' | 'Ed25519' = 'P-256'): LocalSigner =>
  createNobleSigner(generatePrivateKey(algorithm))

export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value))
}

function name(commonName: string | undefined): Uint8Array {
  if (commonName === undefined) return encodeSequence()
  return encodeSequence(encodeSet(encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))))
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

function altName({ uri, dns, email }: AltName): Uint8Array {
  if (uri !== undefined) return encodeElement(0x86, text(uri))
  return dns === undefined ? encodeElement(0x81, text(email ?? '')) : encodeElement(0x82, text(dns))
}

function extensionsOf(recipe: Recipe, own: LocalSigner, signer: LocalSigner): readonly Uint8Array[] {
  const { ca, pathLength, names, purposes } = recipe
  const constraints = [
    ...(ca === true ? [encodeBoolean(true)] : []),
    ...(pathLength === undefined ? [] : [encodeInteger(pathLength)]),
  ]
  const bits = recipe.usages?.reduce((sum, usage) => sum | usages[usage], 0)
  return [
    ...(ca === undefined ? [] : [extension(oids.basicConstraints, encodeSequence(...constraints), true)]),
    ...(bits === undefined ? [] : [extension(oids.keyUsage, encodeNamedBits(bits), recipe.usagesCritical ?? true)]),
    ...(purposes === undefined
      ? []
      : [
          extension(
            oids.extendedKeyUsage,
            encodeSequence(...purposes.map((purpose) => encodeOid(oids[purpose]))),
            recipe.purposesCritical,
          ),
        ]),
    ...(names === undefined
      ? []
      : [extension(oids.subjectAltName, encodeSequence(...names.map(altName)), recipe.namesCritical ?? true)]),
    extension(oids.subjectKeyIdentifier, encodeOctetString(keyIdentifier(own.key.publicKey))),
    extension(oids.authorityKeyIdentifier, encodeSequence(encodeElement(0x80, keyIdentifier(signer.key.publicKey)))),
    ...(recipe.extensions ?? []),
  ]
}

let serialNumber = 1000

/** Signs whatever the recipe says. */
export function forge(recipe: Recipe): Link {
  const own = recipe.key ?? newKey()
  const signer = recipe.by?.key ?? own
  const subject = name(recipe.commonName)
  const algorithm = encodeSignatureAlgorithm(signer.signatureAlgorithm)
  const tbs = encodeSequence(
    encodeExplicit(0, encodeInteger(2)),
    encodeInteger((serialNumber += 1)),
    algorithm,
    recipe.by?.certificate.subject.bytes ?? subject,
    encodeSequence(encodeTime(recipe.notBefore ?? hours(-1)), encodeTime(recipe.notAfter ?? hours(24))),
    subject,
    own.key.spki,
    encodeExplicit(3, encodeSequence(...extensionsOf(recipe, own, signer))),
  )
  return {
    certificate: parseCertificate(encodeSequence(tbs, algorithm, encodeBitString(signer.sign(tbs)))),
    key: own,
  }
}

/** A signing certificate; a root unless somebody signs it. */
export function authority(commonName: string, recipe: Recipe = {}): Link {
  return forge({ commonName, ca: true, usages: ['keyCertSign', 'crlSign'], notAfter: hours(240), ...recipe })
}

/** The leaf of a workload as meshid issues it. */
export function workload(uri: string, by: Link, recipe: Recipe = {}): Link {
  const purposes = ['serverAuth', 'clientAuth'] as const
  return forge({ names: [{ uri }], ca: false, usages: ['digitalSignature'], purposes, by, ...recipe })
}

/** Bundles of `td.test` with these authorities. */
export function bundlesOf(...authorities: readonly Link[]): TrustBundleSet {
  const x509Authorities = authorities.map(({ certificate }) => certificate)
  return createTrustBundleSet([createTrustBundle({ trustDomain, x509Authorities })])
}

export const root: Link = authority('root')
export const intermediate: Link = authority('intermediate', { by: root, pathLength: 0 })
export const webId = 'spiffe://td.test/ns/shop/sa/web'
export const web: Link = workload(webId, intermediate)
export const bundles: TrustBundleSet = bundlesOf(root)

/** Verifies links as what a client showed, unless said otherwise. */
export function verify(
  links: readonly Link[],
  options: { bundles?: TrustBundleSet; now?: Date; purpose?: SvidPurpose } = {},
) {
  const chain = links.map(({ certificate }) => certificate)
  return verifySvid({ chain, bundles, now, purpose: 'client', ...options }, { verifier: nobleVerifier })
}

/** Verifies the leaf that a recipe makes in place of {@link web}. */
export const verifyLeaf = (recipe: Recipe, options: Parameters<typeof verify>[1] = {}) =>
  verify([workload(webId, intermediate, recipe), intermediate], options)

/** Whether the certificate could be an anchor; tests of anchors are in vain when it cannot. */
export const canBeAnchor = ({ certificate }: Link): boolean => createTrustAnchors([certificate]).has(certificate)

/** The SvidError that the operation throws; any other error is thrown on. */
export function refusalOf(operation: () => unknown): SvidError {
  try {
    operation()
  } catch (error) {
    if (error instanceof SvidError) return error
    throw error
  }
  throw new Error('expected a SvidError, found that nothing was thrown')
}

export const codeOf = (operation: () => unknown): string => refusalOf(operation).code

/** The SvidError with which a promise rejects; any other error is thrown on. */
export async function rejectionOf(promise: Promise<unknown>): Promise<SvidError> {
  const error: unknown = await promise.then(
    () => new Error('expected a SvidError, found that nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (error instanceof SvidError) return error
  throw error
}
