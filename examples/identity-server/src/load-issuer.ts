import { createIssuer, encodeCertificatePem, type Issuer, type TrustAnchors } from '@meshid/certificate'
import { parsePrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import type { MountSnapshot } from '@meshid/mounts'
import type { Flags } from './flags.ts'
import { foundIssuerFiles, type IssuerFileNames, issuerFileNames } from './issuer-files.ts'
import { readBundle } from './read-bundle.ts'

/** An issuer, and what it was made of. */
export interface LoadedIssuer {
  readonly issuer: Issuer
  /** The certificates of the file, written again: whatever else was in it, a key for example, is not here. */
  readonly pem: string
  /** What its reader should know: files of the other scheme, blocks that are no certificates; a sentence each. */
  readonly notices: readonly string[]
  readonly snapshot: MountSnapshot
}

/** Makes issuers of the two files of a Secret. */
export interface IssuerLoader {
  readonly names: IssuerFileNames
  /**
   * Makes an issuer of a certificate file and a key file, with a trial issuance.
   *
   * @throws CertificateError, KeysError, MountsError: files that are cut off, a key of another certificate, a certificate
   *   that is no CA, is out of its time, does not lead to the trust anchors or has a key that cannot sign leaves
   */
  load(snapshot: MountSnapshot): Promise<LoadedIssuer>
}

/** What a loader makes issuers with. */
export interface LoaderWorld {
  readonly anchors: { readonly current: TrustAnchors }
  readonly clock: { now(): Date }
}

/** Makes the loader of the server: always of the trust anchors in use, and of the time. */
export function issuerLoader(
  flags: Pick<Flags, 'identityScheme' | 'identityIssuanceLifetime' | 'identityClockSkewAllowance'>,
  { anchors, clock }: LoaderWorld,
): IssuerLoader {
  const { identityIssuanceLifetime: lifetimeMs, identityClockSkewAllowance: clockSkewMs } = flags
  const names = issuerFileNames(flags.identityScheme)
  return {
    names,
    async load(snapshot) {
      const { files, notices } = foundIssuerFiles(names, snapshot.files)
      const { certificates: chain, ignored } = readBundle(snapshot, files.certificate)
      const signer = createNodeSigner(parsePrivateKey(snapshot.text(files.key)))
      const source = { chain, signer, trustAnchors: anchors.current, now: clock.now() }
      const issuer = await createIssuer(source, { verifier: nodeVerifier, lifetimeMs, clockSkewMs })
      return { issuer, pem: chain.map(encodeCertificatePem).join(''), notices: [...notices, ...ignored], snapshot }
    },
  }
}
