import { checkCriticalExtensions } from './check-critical-extensions.ts'
import { checkExtendedKeyUsage } from './check-extended-key-usage.ts'
import { checkNameConstraints } from './check-name-constraints.ts'
import { checkPathLength } from './check-path-length.ts'
import { checkPolicies } from './check-policies.ts'
import { checkPurpose } from './check-purpose.ts'
import { checkSerialNumber } from './check-serial-number.ts'
import { checkSignature } from './check-signature.ts'
import { checkSigner } from './check-signer.ts'
import { checkValidity } from './check-validity.ts'
import type { PathCheck } from './path-check.ts'
import type { TrustAnchor } from './trusted-key.ts'

const purpose: PathCheck = {
  name: 'purpose',
  check: ({ subject }, search) => checkPurpose(subject, search.purpose),
}

const declared = { keyUsage: 'optional' } as const

const authority: PathCheck = {
  name: 'authority',
  check: ({ subject, role }) => checkSigner(subject, role === 'anchor' ? declared : undefined),
}

const extendedKeyUsage: PathCheck = {
  name: 'extended-key-usage',
  check: ({ subject }, search) => checkExtendedKeyUsage(subject, search.purpose),
}

const criticalExtensions: PathCheck = {
  name: 'critical-extensions',
  check: ({ subject }) => checkCriticalExtensions(subject),
}

const policies: PathCheck = {
  name: 'policies',
  check: ({ subject }) => checkPolicies(subject),
}

const serialNumber: PathCheck = {
  name: 'serial-number',
  check: ({ subject, role }) => (role === 'anchor' ? undefined : checkSerialNumber(subject)),
}

const pathLength: PathCheck = {
  name: 'path-length',
  check: checkPathLength,
}

const validity: PathCheck<TrustAnchor> = {
  name: 'validity',
  check: ({ subject, role }, { now }) => checkValidity(subject, { now, role: role === 'anchor' ? 'anchor' : 'other' }),
}

const signature: PathCheck<TrustAnchor> = {
  name: 'signature',
  check: checkSignature,
}

const nameConstraints: PathCheck<TrustAnchor> = {
  name: 'name-constraints',
  check: checkNameConstraints,
}

/** What the certificate in question must keep, in this order. */
export const targetChecks: readonly PathCheck[] = [
  purpose,
  extendedKeyUsage,
  criticalExtensions,
  policies,
  serialNumber,
  validity,
]

/** What every CA certificate above it must keep: first what costs nothing, then its signature, then what a genuine CA says of names. */
export const issuerChecks: readonly PathCheck[] = [
  authority,
  criticalExtensions,
  policies,
  extendedKeyUsage,
  serialNumber,
  pathLength,
  validity,
  signature,
  nameConstraints,
]

/** What an anchor that is no certificate must keep. */
export const trustedKeyChecks: readonly PathCheck<TrustAnchor>[] = [validity, signature, nameConstraints]
