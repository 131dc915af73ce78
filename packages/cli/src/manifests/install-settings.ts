/** How the files of the issuer's Secret are called. */
export type IssuerScheme = 'linkerd.io/tls' | 'kubernetes.io/tls'

/** Which names the certificates bear. */
export type IdentityProfile = 'spiffe' | 'linkerd' | 'dual'

/** What an installation trusts and signs with, as PEM. */
export interface InstallMaterial {
  /** The issuer's certificate, then what leads up to an anchor. */
  readonly issuerCertificate: string
  readonly issuerKey: string
  readonly trustAnchors: string
}

/** What an installation is rendered for. */
export interface InstallSettings {
  readonly namespace: string
  readonly trustDomain: string
  readonly scheme: IssuerScheme
  readonly profile: IdentityProfile
  readonly image: string
  readonly material: InstallMaterial
}

/** The name of nearly everything: Linkerd's, so that this takes its place. */
export const IDENTITY_NAME = 'linkerd-identity'

/** Whom Services, policies and the Deployment itself select. The Deployment's selector cannot be changed later, so it is Linkerd's too. */
export function identitySelector({ namespace }: Pick<InstallSettings, 'namespace'>): Readonly<Record<string, string>> {
  return {
    'linkerd.io/control-plane-component': 'identity',
    'linkerd.io/control-plane-ns': namespace,
  }
}

/** What every object of the installation is labelled with. */
export function identityLabels(settings: Pick<InstallSettings, 'namespace'>): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'identity', 'app.kubernetes.io/part-of': 'meshid', ...identitySelector(settings) }
}
