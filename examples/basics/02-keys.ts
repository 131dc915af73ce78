// 2. A key pair, and what it means to show that one has it.
import { createNobleSigner, generatePrivateKey, KeysError, nobleVerifier, parsePublicKey, proveKey } from '@meshid/keys'

// The private key never leaves its workload. However it is printed, it does not show itself.
const privateKey = generatePrivateKey('P-256')
console.log(`private: ${String(privateKey)}, as JSON ${JSON.stringify({ privateKey })}`)

// The public key travels as a SubjectPublicKeyInfo (RFC 5280). Anybody can send anybody's public key.
const publicKey = parsePublicKey(privateKey.publicKey.spki)
console.log(`public: ${publicKey.algorithm}, ${publicKey.spki.length} bytes`)

// A signature over a message shows possession. Only proveKey, and making a signer, give a ProvenKey.
const signer = createNobleSigner(privateKey)
const message = new TextEncoder().encode('certify me')
const proof = { publicKey, signatureAlgorithm: signer.signatureAlgorithm, message, signature: signer.sign(message) }
const proven = proveKey(proof, nobleVerifier)
console.log(`proven: ${proven.constructor.name} by ${signer.signatureAlgorithm}`)

// With another message, the same signature proves nothing.
try {
  proveKey({ ...proof, message: new TextEncoder().encode('certify him') }, nobleVerifier)
} catch (error) {
  if (error instanceof KeysError) console.log(error.code)
}

// Prints:
// private: PrivateKey(P-256, [redacted]), as JSON {"privateKey":"PrivateKey(P-256, [redacted])"}
// public: P-256, 91 bytes
// proven: ProvenKey by ecdsa-sha256
// KEYS_SIGNATURE_INVALID
