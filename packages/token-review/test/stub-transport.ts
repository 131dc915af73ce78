import type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from '@meshid/token-review'

/** A transport whose answers are given, and which keeps what it was asked. */
export interface StubTransport extends KubernetesTransport {
  readonly requests: KubernetesRequest[]
}

/** Answers every request in the same way. */
export function stubTransport(
  answer: Partial<KubernetesResponse> | (() => Promise<KubernetesResponse>),
): StubTransport {
  const requests: KubernetesRequest[] = []
  return {
    requests,
    request(request) {
      requests.push(request)
      if (typeof answer === 'function') return answer()
      return Promise.resolve({ status: 201, headers: {}, body: '', ...answer })
    },
  }
}

/** The answer of a token review with this status. */
export function reviewAnswer(status: unknown): Partial<KubernetesResponse> {
  const answer = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec: {}, status }
  return { body: JSON.stringify(answer) }
}

/** The status that accepts the token of emojivoto/web. */
export const accepted: {
  readonly authenticated: boolean
  readonly user: Readonly<Record<string, unknown>>
  readonly audiences: readonly string[]
} = {
  authenticated: true,
  user: {
    username: 'system:serviceaccount:emojivoto:web',
    uid: '5d5b1c3e-0000-4000-8000-000000000001',
    groups: ['system:serviceaccounts', 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/pod-name': ['web-1'],
      'authentication.kubernetes.io/pod-uid': ['5d5b1c3e-0000-4000-8000-000000000002'],
      'authentication.kubernetes.io/node-name': ['node-1'],
      'authentication.kubernetes.io/node-uid': ['5d5b1c3e-0000-4000-8000-000000000003'],
      'authentication.kubernetes.io/credential-id': ['JTI=5d5b1c3e-0000-4000-8000-000000000004'],
    },
  },
  audiences: ['identity.l5d.io'],
}
