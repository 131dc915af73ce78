import { TokenReviewError } from './errors.ts'
import type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from './kubernetes-transport.ts'

/**
 * Sends one request; whatever else a transport throws becomes one code.
 *
 * @throws TokenReviewError TOKEN_REVIEW_UNREACHABLE, or what the transport gives; `signal.reason`, untouched
 */
export async function sendRequest(
  transport: KubernetesTransport,
  request: KubernetesRequest,
): Promise<KubernetesResponse> {
  const { signal } = request
  signal?.throwIfAborted()
  try {
    return await transport.request(request)
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof TokenReviewError) throw cause
    throw new TokenReviewError(
      'TOKEN_REVIEW_UNREACHABLE',
      'expected an answer of the API server, found that the transport failed',
      { cause },
    )
  }
}
