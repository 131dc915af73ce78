// 5. A leaf: the issuer says who holds a key, for a while.
import {
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  parseCertificate,
  spiffeIdOfCertificate,
  verifyChain,
} from '@meshid/certificate'
import { buildCsr, parseCsr, verifyCsr } from '@meshid/csr'
import { createNobleSigner, generatePrivateKey, nobleVerifier } from '@meshid/keys'
import { parseSpiffeId } from '@meshid/spiffe-id'

const now = new Date()
const ca = createNobleSigner(generatePrivateKey('P-256'))
const root = await createRootCertificate({ signer: ca, commonName: 'root.linkerd.cluster.local', now })
const trustAnchors = createTrustAnchors([root])

// Before it is accepted, an issuer issues a trial leaf: a wrong key or an expired CA is found here, not at night.
const issuer = await createIssuer({ chain: [root], signer: ca, trustAnchors, now }, { lifetimeMs: 60_000 })

// The workload wishes for too much. Only its key is taken from the request; the identity comes from us.
const workload = createNobleSigner(generatePrivateKey('P-256'))
const { key } = verifyCsr(parseCsr(await buildCsr({ signer: workload, dnsNames: ['admin.example'] })))
const identity = { spiffeId: parseSpiffeId('spiffe://cluster.local/ns/emojivoto/sa/web') }
const issued = await issuer.issue({ identity, key, now })

// Whoever meets the workload reads and verifies the leaf by the same anchors.
const leaf = parseCertificate(issued.der)
verifyChain({ chain: [leaf], trustAnchors, now, purpose: 'leaf-server' }, { verifier: nobleVerifier })
const lifeMs = leaf.notAfter.getTime() - leaf.notBefore.getTime()
console.log(`${spiffeIdOfCertificate(leaf).toString()}, DNS names: ${leaf.subjectAltNames?.dnsNames.length}`)
console.log(`lives for ${lifeMs / 1000} s, SHA-256 ${issued.fingerprint()}`)

// Prints:
// spiffe://cluster.local/ns/emojivoto/sa/web, DNS names: 0
// lives for 70 s, SHA-256 …
