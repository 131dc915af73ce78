import { parseServiceAccountUsername, type ServiceAccount } from '@meshid/spiffe-id'
import { TokenReviewError } from './errors.ts'
import { type JsonRecord, readRecord, readString, readStrings, wrongField } from './json-fields.ts'
import { safeText } from './safe-text.ts'
import type { ReviewedAccount } from './token-reviewer.ts'

const EXTRA = 'authentication.kubernetes.io/'

/**
 * Reads `status.user` of an accepted token review.
 *
 * @throws TokenReviewError TOKEN_REVIEW_USERNAME_INVALID, TOKEN_REVIEW_RESPONSE_INVALID
 */
export function readReviewedAccount(user: JsonRecord, audiences: readonly string[]): ReviewedAccount {
  const username = readString(user['username'], 'status.user.username')
  if (username === undefined) throw wrongField('status.user.username', 'a string', user['username'])
  const extra = readExtra(user['extra'])
  return Object.freeze({
    serviceAccount: serviceAccountOf(username),
    username,
    uid: readString(user['uid'], 'status.user.uid'),
    groups: readStrings(user['groups'], 'status.user.groups'),
    audiences,
    podName: single(extra, 'pod-name'),
    podUid: single(extra, 'pod-uid'),
    nodeName: single(extra, 'node-name'),
    nodeUid: single(extra, 'node-uid'),
    credentialId: single(extra, 'credential-id'),
    extra,
  })
}

/** Linkerd takes any `system:<type>:<ns>:<name>` (Q27); here the type must be `serviceaccount`. */
function serviceAccountOf(username: string): ServiceAccount {
  try {
    return parseServiceAccountUsername(username)
  } catch (cause) {
    const expected = 'system:serviceaccount:<namespace>:<name>'
    const found = safeText(username)
    throw new TokenReviewError(
      'TOKEN_REVIEW_USERNAME_INVALID',
      `user of the token: expected ${expected}, found ${found}`,
      {
        detail: { expected, found },
        cause,
      },
    )
  }
}

/** Keys come from the server, so the record has no prototype that a key could collide with. */
function readExtra(value: unknown): Readonly<Record<string, readonly string[]>> {
  const extra = Object.create(null) as Record<string, readonly string[]>
  for (const [key, values] of Object.entries(readRecord(value, 'status.user.extra'))) {
    extra[key] = readStrings(values, 'status.user.extra')
  }
  return Object.freeze(extra)
}

/** A binding counts only when it is unambiguous: exactly one value. */
function single(extra: Readonly<Record<string, readonly string[]>>, name: string): string | undefined {
  const values = extra[`${EXTRA}${name}`]
  return values?.length === 1 ? values[0] : undefined
}
