// 3. A certificate signing request: a public key, a wish, and a proof of possession.
import { buildCsr, CsrError, parseCsr, verifyCsr } from '@meshid/csr'
import { createNobleSigner, generatePrivateKey } from '@meshid/keys'

// The workload's side: DER, as it goes over the wire.
const signer = createNobleSigner(generatePrivateKey('P-256'))
const csr = await buildCsr({ signer, uris: ['spiffe://cluster.local/ns/emojivoto/sa/web'] })

// The server's side, first step: well-formed, and nothing more. Every name is still a wish.
const parsed = parseCsr(csr)
console.log(`wishes for: ${parsed.uris.join(', ')}`)

// Second step: signed by its own key. Now there is a ProvenKey, the only kind that an issuer takes.
const verified = verifyCsr(parsed)
console.log(`proven: ${verified.key.constructor.name} ${verified.key.algorithm}`)

// One bit of the signature, or one byte after the end, and it is refused with a code.
const flipped = csr.with(csr.length - 1, (csr.at(-1) ?? 0) ^ 1)
for (const bytes of [flipped, Uint8Array.of(...csr, 0), csr.subarray(0, 100)]) {
  try {
    verifyCsr(parseCsr(bytes))
  } catch (error) {
    if (error instanceof CsrError) console.log(`${error.code}: ${error.detail.found}`)
  }
}

// Prints:
// wishes for: spiffe://cluster.local/ns/emojivoto/sa/web
// proven: ProvenKey P-256
// CSR_SIGNATURE_INVALID: one that does not verify
// CSR_MALFORMED: DER_TRAILING_BYTES: found 1 more bytes (offset …)
// CSR_MALFORMED: DER_TRUNCATED: expected … bytes of content, found the end at 100 (offset 0)
