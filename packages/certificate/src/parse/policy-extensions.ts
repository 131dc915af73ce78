import { contextTag, DerError, DerReader, oids, Tag } from '@meshid/der'
import type { CertificateExtension, PolicyConstraints } from './certificate.ts'
import { invalidExtension } from './extension-refusal.ts'

/** @see RFC 5280 section 4.2.1.11 */
export function readPolicyConstraints(reader: DerReader, critical: boolean): PolicyConstraints {
  reader.enter(Tag.sequence)
  const requireExplicitPolicy = readSkipCertificates(reader, contextTag(0))
  const inhibitPolicyMapping = readSkipCertificates(reader, contextTag(1))
  reader.leave()
  if (requireExplicitPolicy === undefined && inhibitPolicyMapping === undefined) {
    throw invalidExtension('policyConstraints', 'one of its two fields', 'neither')
  }
  return Object.freeze({ critical, requireExplicitPolicy, inhibitPolicyMapping })
}

function readSkipCertificates(reader: DerReader, tag: number): number | undefined {
  if (reader.peek() !== tag) return undefined
  const count = reader.readSmallInteger(tag)
  if (count >= 0) return count
  throw invalidExtension('policyConstraints', 'a number from 0', String(count))
}

/** Qualifiers that any reader must know when the extension is critical: a pointer to a statement, and a notice. */
const knownQualifiers: readonly string[] = ['1.3.6.1.5.5.7.2.1', '1.3.6.1.5.5.7.2.2']

/**
 * Whether a critical extension about policies is understood. Any policy is acceptable here, so policies, their mappings and the
 * inhibition of anyPolicy change no verdict; only a demand for an explicit policy would, and that is refused.
 *
 * @see RFC 5280 sections 4.2.1.4 and 6.1.1 (c)
 */
export function isReadableWhenCritical({ oid, value }: CertificateExtension): boolean {
  if (oid === oids.policyMappings || oid === oids.inhibitAnyPolicy) return true
  return oid === oids.certificatePolicies && hasKnownQualifiers(value)
}

function hasKnownQualifiers(value: Uint8Array): boolean {
  const reader = new DerReader(value)
  let isKnown = true
  try {
    reader.enter(Tag.sequence)
    while (!reader.done) {
      reader.enter(Tag.sequence)
      reader.nextOid()
      if (!reader.done) isKnown = readQualifiers(reader) && isKnown
      reader.leave()
    }
    reader.leave()
    reader.end()
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
  return isKnown
}

function readQualifiers(reader: DerReader): boolean {
  let isKnown = true
  reader.enter(Tag.sequence)
  while (!reader.done) {
    reader.enter(Tag.sequence)
    isKnown = knownQualifiers.includes(reader.readOid()) && isKnown
    reader.skip()
    reader.leave()
  }
  reader.leave()
  return isKnown
}
