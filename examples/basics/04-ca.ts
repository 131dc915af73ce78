// 4. Two certificate authorities: a root that is trusted, and an issuer that works.
import {
  createIntermediateCertificate,
  createRootCertificate,
  createTrustAnchors,
  encodeCertificatePem,
  parseCertificates,
  verifyChain,
} from '@meshid/certificate'
import { createNobleSigner, generatePrivateKey, nobleVerifier } from '@meshid/keys'

const now = new Date()
const HOUR_MS = 3_600_000

// The root signs itself. It signs issuers, never workloads, so its key can stay away from daily work.
const signer = createNobleSigner(generatePrivateKey('P-256'))
const root = await createRootCertificate({ signer, commonName: 'root.linkerd.cluster.local', now })

// The issuer is signed by the root. Path length 0: below it there are leaves only.
const { key } = createNobleSigner(generatePrivateKey('P-256'))
const commonName = 'identity.linkerd.cluster.local'
const above = { chain: [root], signer }
const issuer = await createIntermediateCertificate({ issuer: above, key, commonName, now, lifetimeMs: 8760 * HOUR_MS })
console.log(`${issuer.subject.commonName} is signed by ${issuer.issuer.commonName}`)
console.log(`path length ${issuer.basicConstraints?.pathLength}, serial number ${issuer.serialNumber}`)

// Trust is declared, not found: whoever reads this bundle decides that it may end there.
const bundle = encodeCertificatePem(root)
const trustAnchors = createTrustAnchors(parseCertificates(bundle))
const input = { chain: [issuer], trustAnchors, now, purpose: 'issuer' } as const
const { path } = verifyChain(input, { verifier: nobleVerifier })
console.log(`verified: ${path.map(({ subject }) => subject.commonName).join(' <- ')}`)

// Prints:
// identity.linkerd.cluster.local is signed by root.linkerd.cluster.local
// path length 0, serial number …
// verified: identity.linkerd.cluster.local <- root.linkerd.cluster.local
