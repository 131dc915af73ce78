import { reviewAccess } from './access-review.ts'
import { authenticate } from './authenticator.ts'
import { type ApiPermission, forbidden } from './authorizer.ts'
import { createEvent } from './events.ts'
import { statusFailure } from './status.ts'
import { requestToken } from './token-request.ts'
import { reviewToken } from './token-review.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'
import type { TokenSigner } from './tokens.ts'
import type { KubernetesWorld } from './world.ts'

/** The endpoints, as their requests are counted. */
export type ApiEndpoint = 'tokenReview' | 'tokenRequest' | 'accessReview' | 'event' | 'jwks' | 'discovery' | 'other'

/** One request as it came. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

interface Route {
  readonly endpoint: ApiEndpoint
  readonly method: string
  readonly path: RegExp
  readonly permission?: ApiPermission
  readonly handle: (world: KubernetesWorld, request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>
}

const routes: readonly Route[] = [
  {
    endpoint: 'tokenReview',
    method: 'POST',
    path: /^\/apis\/authentication\.k8s\.io\/v1\/tokenreviews$/,
    permission: 'tokenreviews',
    handle: reviewToken,
  },
  {
    endpoint: 'tokenRequest',
    method: 'POST',
    path: /^\/api\/v1\/namespaces\/(?<namespace>[^/]+)\/serviceaccounts\/(?<name>[^/]+)\/token$/,
    permission: 'serviceaccounts/token',
    handle: requestToken,
  },
  {
    endpoint: 'accessReview',
    method: 'POST',
    path: /^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews$/,
    handle: reviewAccess,
  },
  {
    endpoint: 'event',
    method: 'POST',
    path: /^\/api\/v1\/namespaces\/(?<namespace>[^/]+)\/events$/,
    permission: 'events',
    handle: createEvent,
  },
  {
    endpoint: 'jwks',
    method: 'GET',
    path: /^\/openid\/v1\/jwks$/,
    handle: ({ signer }) => ({ status: 200, body: { keys: signer.keys } }),
  },
  {
    endpoint: 'discovery',
    method: 'GET',
    path: /^\/\.well-known\/openid-configuration$/,
    handle: ({ signer }) => ({ status: 200, body: discovery(signer) }),
  },
]

/** Says which endpoint a request is for. */
export function endpointOf({ method, path }: RawRequest): ApiEndpoint {
  return routeOf({ method, path })?.endpoint ?? 'other'
}

/** Answers one request: who is asking (401), may they (403), then the endpoint. */
export async function route(world: KubernetesWorld, raw: RawRequest): Promise<ApiAnswer> {
  const token = /^Bearer (?<token>\S+)$/i.exec(raw.authorization ?? '')?.groups?.['token'] ?? ''
  const caller = await authenticate(world, { token, audiences: world.audiences })
  if ('error' in caller) return statusFailure({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })
  const found = routeOf(raw)
  if (found === undefined) {
    return statusFailure({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' })
  }
  const params = found.path.exec(raw.path)?.groups ?? {}
  const { username } = caller.user
  if (found.permission !== undefined && !world.authorizer.allows(username, found.permission)) {
    return forbidden(found.permission, { username, ...params })
  }
  try {
    return await found.handle(world, {
      user: caller.user,
      params,
      body: raw.body === '' ? undefined : JSON.parse(raw.body),
    })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const message = "the object provided is unrecognized: couldn't get version/kind; json parse error"
    return statusFailure({ code: 400, reason: 'BadRequest', message })
  }
}

function routeOf({ method, path }: Pick<RawRequest, 'method' | 'path'>): Route | undefined {
  return routes.find((candidate) => candidate.method === method && candidate.path.test(path))
}

function discovery({ issuer, alg }: TokenSigner): object {
  return {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [alg],
  }
}
