import type { PodRecord } from './cluster.ts'
import { field, statusFailure, stringList, textField } from './status.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'
import type { KubernetesWorld } from './world.ts'

/** The life of a token for which nobody asked another, in seconds. */
export const DEFAULT_EXPIRATION_SECONDS = 3600

/** `POST /api/v1/namespaces/<ns>/serviceaccounts/<name>/token`: what the kubelet asks on behalf of a pod. */
export async function requestToken(world: KubernetesWorld, { params, body }: ApiRequest): Promise<ApiAnswer> {
  const { namespace = '', name = '' } = params
  const expirationSeconds = Number(field(body, 'spec', 'expirationSeconds') ?? DEFAULT_EXPIRATION_SECONDS)
  if (!(expirationSeconds >= world.minExpirationSeconds)) return tooShort(name, expirationSeconds)
  const serviceAccount = world.cluster.serviceAccount({ namespace, name })
  if (serviceAccount === undefined) return notFound('serviceaccounts', name)
  const bound = boundPod(world, { namespace, serviceAccountName: name, ref: field(body, 'spec', 'boundObjectRef') })
  if (bound !== undefined && 'status' in bound) return bound
  const asked = stringList(field(body, 'spec', 'audiences'))
  const audiences = asked.length === 0 ? world.audiences : asked
  const now = world.clock.now()
  const { token, expiresAt } = await world.signer.sign(
    { serviceAccount, audiences, expirationSeconds, pod: bound },
    now,
  )
  return {
    status: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: seconds(now) },
      spec: { audiences, expirationSeconds, boundObjectRef: field(body, 'spec', 'boundObjectRef') ?? null },
      status: { token, expirationTimestamp: seconds(expiresAt) },
    },
  }
}

function boundPod(
  { cluster }: KubernetesWorld,
  {
    namespace,
    serviceAccountName,
    ref,
  }: { readonly namespace: string; readonly serviceAccountName: string; readonly ref: unknown },
): PodRecord | ApiAnswer | undefined {
  if (ref === undefined || ref === null) return undefined
  if (field(ref, 'kind') !== 'Pod') {
    const message = `cannot bind token to object of type ${textField(ref, 'apiVersion')}, Kind=${textField(ref, 'kind')}`
    return statusFailure({ code: 400, reason: 'BadRequest', message })
  }
  const name = textField(ref, 'name') ?? ''
  const pod = cluster.pod({ namespace, name })
  if (pod === undefined) return notFound('pods', name)
  if (pod.serviceAccountName !== serviceAccountName) {
    const message = `cannot bind token for serviceaccount "${serviceAccountName}" to pod running with serviceaccount "${pod.serviceAccountName}"`
    return statusFailure({ code: 400, reason: 'BadRequest', message })
  }
  const uid = textField(ref, 'uid')
  if (uid === undefined || uid === pod.uid) return pod
  const message = `Operation cannot be fulfilled on Pod "${name}": the UID in the bound object reference (${uid}) does not match the UID in record (${pod.uid}). The object might have been deleted and then recreated`
  return statusFailure({ code: 409, reason: 'Conflict', message, details: { name, kind: 'Pod' } })
}

function notFound(kind: string, name: string): ApiAnswer {
  return statusFailure({
    code: 404,
    reason: 'NotFound',
    message: `${kind} "${name}" not found`,
    details: { name, kind },
  })
}

function tooShort(name: string, found: number): ApiAnswer {
  const message = `TokenRequest.authentication.k8s.io "${name}" is invalid: spec.expirationSeconds: Invalid value: ${found}: may not specify a duration less than 10 minutes`
  return statusFailure({
    code: 422,
    reason: 'Invalid',
    message,
    details: { name, group: 'authentication.k8s.io', kind: 'TokenRequest' },
  })
}

/** A Kubernetes timestamp: whole seconds. */
function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
