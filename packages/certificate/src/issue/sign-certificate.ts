import { encodeBitString, encodeSequence } from '@meshid/der'
import { encodeSignatureAlgorithm, type Signer } from '@meshid/keys'
import { CertificateError } from '../errors.ts'

/**
 * Has the signed part of a certificate signed, at once if the signer can. What it returns is not verified here.
 *
 * @throws CertificateError `CERT_SIGNING_FAILED` with the signer's error as its cause
 * @throws the reason of `signal`, untouched
 */
export function signTbs(tbs: Uint8Array, signer: Signer, signal?: AbortSignal): Uint8Array | Promise<Uint8Array> {
  signal?.throwIfAborted()
  try {
    const signature = signer.sign(tbs, signal === undefined ? undefined : { signal })
    return signature instanceof Uint8Array ? signature : signature.catch((cause: unknown) => fail(cause, signal))
  } catch (cause) {
    return fail(cause, signal)
  }
}

function fail(cause: unknown, signal: AbortSignal | undefined): never {
  signal?.throwIfAborted()
  throw new CertificateError('CERT_SIGNING_FAILED', 'signer: expected a signature, found an error', { cause })
}

/** Has the signed part of a certificate signed, and returns the certificate's DER. @see RFC 5280 section 4.1.1 */
export async function signCertificate(tbs: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const signature = await signTbs(tbs, signer)
  return encodeSequence(tbs, encodeSignatureAlgorithm(signer.signatureAlgorithm), encodeBitString(signature))
}
