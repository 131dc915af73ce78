import { authenticate } from './authenticator.ts'
import { field, statusFailure, stringList, textField } from './status.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'
import type { KubernetesWorld } from './world.ts'

/** `POST /apis/authentication.k8s.io/v1/tokenreviews`: 201 whatever the verdict, and the answer repeats the question, token included. */
export async function reviewToken(world: KubernetesWorld, { body }: ApiRequest): Promise<ApiAnswer> {
  const token = textField(body, 'spec', 'token')
  if (token === undefined) {
    return statusFailure({
      code: 400,
      reason: 'BadRequest',
      message: 'token is required for TokenReview in authentication',
    })
  }
  const asked = stringList(field(body, 'spec', 'audiences'))
  const audiences = asked.length === 0 ? world.audiences : asked
  const verdict = await authenticate(world, { token, audiences })
  const status =
    'error' in verdict
      ? { user: {}, error: verdict.error }
      : {
          authenticated: true,
          user: verdict.user,
          ...(world.knowsAudiences ? { audiences: verdict.audiences } : {}),
        }
  return {
    status: 201,
    body: {
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec: { token, ...(asked.length === 0 ? {} : { audiences: asked }) },
      status,
    },
  }
}
