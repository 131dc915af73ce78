import { IDENTITY_NAME, identityLabels, type InstallSettings } from './install-settings.ts'
import type { Manifest } from './kubernetes-object.ts'

/** Where the trust anchors lie, in every namespace that needs them. */
export const TRUST_ROOTS_NAME = 'linkerd-identity-trust-roots'

/** Where the issuer lies. */
export const ISSUER_SECRET_NAME = 'linkerd-identity-issuer'

/** The trust anchors, which anybody may read, and the issuer, which only the identity server may. */
export function trustManifests(settings: InstallSettings): readonly Manifest[] {
  const { namespace, material } = settings
  const labels = identityLabels(settings)
  return [
    {
      comment: 'The trust anchors: public, and the last word of trust. The server follows changes while it runs.',
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: TRUST_ROOTS_NAME, namespace, labels },
        data: { 'ca-bundle.crt': material.trustAnchors },
      },
    },
    {
      comment: `The issuer of all workload certificates, with its private key. Only the pods of ${IDENTITY_NAME} mount it.`,
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: ISSUER_SECRET_NAME, namespace, labels },
        ...secretContent(settings),
      },
    },
  ]
}

function secretContent({ scheme, material }: InstallSettings) {
  const { issuerCertificate, issuerKey, trustAnchors } = material
  if (scheme === 'linkerd.io/tls') {
    return { type: 'Opaque', data: { 'crt.pem': base64(issuerCertificate), 'key.pem': base64(issuerKey) } }
  }
  return {
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(issuerCertificate), 'tls.key': base64(issuerKey), 'ca.crt': base64(trustAnchors) },
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
