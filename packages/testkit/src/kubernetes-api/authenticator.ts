import type { TokenClaims } from './tokens.ts'
import type { UserInfo } from './request.ts'
import type { KubernetesWorld } from './world.ts'

/** A token that is good, or the reason why it is not, in the words of Kubernetes. */
export type Authentication =
  | { readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly error: string }

/** How long Kubernetes still takes a token after its `exp`, or before its `nbf`, for clocks that differ. */
export const LEEWAY_SECONDS = 60

/** Decides as the API server does: signature, audience, time, account, pod, in this order. */
export async function authenticate(
  world: KubernetesWorld,
  { token, audiences }: { readonly token: string; readonly audiences: readonly string[] },
): Promise<Authentication> {
  const username = world.staticTokens.get(token)
  if (username !== undefined) return { user: { username, groups: ['system:nodes', 'system:authenticated'] }, audiences }
  const claims = await world.signer.verify(token)
  if (typeof claims === 'string') return refused(claims)
  const common = claims.aud.filter((audience) => audiences.includes(audience))
  if (common.length === 0) {
    return refused(`token audiences ${quoted(claims.aud)} is invalid for the target audiences ${quoted(audiences)}`)
  }
  const reason = reasonAgainst(claims, world)
  return reason === undefined ? { user: userOf(claims), audiences: common } : refused(reason)
}

function reasonAgainst(claims: TokenClaims, { cluster, clock }: KubernetesWorld): string | undefined {
  const seconds = clock.now().getTime() / 1000
  if (seconds > claims.exp + LEEWAY_SECONDS) return 'service account token has expired'
  if (seconds < claims.nbf - LEEWAY_SECONDS) return 'service account token is not valid yet'
  const { namespace, serviceaccount, pod } = claims['kubernetes.io']
  const account = cluster.serviceAccount({ namespace, name: serviceaccount.name })
  if (account === undefined) return `serviceaccounts "${serviceaccount.name}" not found`
  if (account.uid !== serviceaccount.uid) {
    return `service account UID (${account.uid}) does not match claim (${serviceaccount.uid})`
  }
  if (pod === undefined) return undefined
  const found = cluster.pod({ namespace, name: pod.name })
  if (found === undefined) return 'service account token has been invalidated'
  return found.uid === pod.uid
    ? undefined
    : `pod UID (${found.uid}) does not match service account pod ref claim (${pod.uid})`
}

function userOf(claims: TokenClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io']
  const extra: Record<string, readonly string[]> = {
    'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
  }
  if (node !== undefined) {
    extra['authentication.kubernetes.io/node-name'] = [node.name]
    extra['authentication.kubernetes.io/node-uid'] = [node.uid]
  }
  if (pod !== undefined) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name]
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid]
  }
  return {
    username: claims.sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra,
  }
}

/** Go's %q of a list of strings. */
function quoted(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
}

function refused(reason: string): Authentication {
  return { error: `[invalid bearer token, ${reason}]` }
}
