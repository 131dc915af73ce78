import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubernetesApi } from '@meshid/testkit'
import { web, webLinkerdName as name, type World } from '../world.ts'
import { csr, type Draft } from './draft.ts'
import { quoted, type Row } from './row.ts'

const as = (account: { readonly namespace: string; readonly name: string }) => (draft: Draft) => ({
  ...draft,
  token: account,
})
const invalidToken = (words: string) =>
  ({ level: 'info', msg: new RegExp(`^invalid token provided for ${quoted(name)}: .*${quoted(words)}`) }) as const

/** Has the API server give this verdict on the next token, whatever the token is. */
const verdict =
  (status: object) =>
  ({ api }: World): void =>
    api.answerNext(1, (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          kind: 'TokenReview',
          apiVersion: 'authentication.k8s.io/v1',
          metadata: { creationTimestamp: null },
          spec: {},
          status,
        }),
      )
    })
const userNamed = (username: string) =>
  verdict({ authenticated: true, user: { username }, audiences: ['identity.l5d.io'] })

const failing =
  (order: (api: KubernetesApi) => void) =>
  ({ api }: World): void =>
    order(api)

const userName = (of: string, id: string, username: string, message: string): Row => ({
  id,
  of,
  arrange: userNamed(username),
  status: 'InvalidArgument',
  message,
  log: invalidToken(''),
  reviews: 1,
})

const dotted = 'web.v1.emojivoto.serviceaccount.identity.linkerd.cluster.local'
const apiServer = 'https://kubernetes.default.svc.cluster.local'

/** Rows 5a to 5c: how the verdict on a token is answered. */
const answers: readonly Row[] = [
  {
    id: '5a',
    of: 'not authenticated, without a reason (also 5.2.3)',
    arrange: verdict({ authenticated: false }),
    status: 'FailedPrecondition',
    message: 'authentication token could not be authenticated',
    log: { level: 'info', msg: new RegExp(`^authentication failed for ${quoted(name)}: `) },
    reviews: 1,
  },
  {
    id: '5b',
    of: 'refused with a reason: the token has expired',
    change: (draft) => ({ ...draft, token: { ...web, expirationSeconds: -90 } }),
    status: 'InvalidArgument',
    message: '[invalid bearer token, service account token has expired]',
    log: invalidToken('token has expired]'),
    reviews: 1,
  },
  {
    id: '5c',
    of: 'the API server fails',
    arrange: failing((api) => api.failNext(1, { status: 500 })),
    status: 'Internal',
    message: new RegExp(`^error validating token for ${quoted(name)}: .+`),
    log: { level: 'error', msg: new RegExp(`^error validating token for ${quoted(name)}: .+`) },
    reviews: 1,
  },
  {
    id: '5c+',
    of: 'too many reviews wait for their turn',
    place: 'parts with a full queue',
    status: 'ResourceExhausted',
    message: 'API server: expected at most 0 requests of this process to wait their turn, found more',
    retryAfter: true,
    log: { level: 'warning', msg: new RegExp(`^too busy to validate a token for ${quoted(name)}: `) },
    deviation: { because: 'Q30, Q31', linkerd: 'waits in line for ever; Internal when the caller gives up' },
  },
]

/** Section 5.2, what the validator looks at; 5.2.6 (uid, groups and extra change nothing) is row 8. */
const validator: readonly Row[] = [
  {
    id: '5.1',
    of: 'the start of a server that may not create token reviews',
    place: 'start without rights',
    log: {
      level: 'fatal',
      msg: /^Failed to initialize identity service: Unable to create kubernetes token reviews: no RBAC policy matched$/,
    },
  },
  {
    id: '5.2.1',
    of: 'the API server closes the connection',
    arrange: failing((api) => api.answerNext(1, (request) => request.destroy())),
    status: 'Internal',
    message: new RegExp(`^error validating token for ${quoted(name)}: .+`),
    log: { level: 'error', msg: /^error validating token for / },
    reviews: 1,
  },
  {
    id: '5.2.2',
    of: 'a reason that has nothing to do with audiences',
    arrange: verdict({ error: 'webhook failed' }),
    status: 'InvalidArgument',
    message: 'webhook failed',
    log: invalidToken('webhook failed'),
    reviews: 1,
  },
  {
    id: '5.2.2',
    of: 'a token for the API server itself, which every pod has',
    change: (draft) => ({ ...draft, token: { ...web, audiences: [apiServer] } }),
    status: 'InvalidArgument',
    message: `[invalid bearer token, token audiences ["${apiServer}"] is invalid for the target audiences ["identity.l5d.io"]]`,
    log: invalidToken('is invalid for the target audiences'),
    reviews: 1,
    deviation: { because: 'Q26', linkerd: 'asks again without an audience, and issues a certificate' },
  },
  {
    id: '5.2.2',
    of: 'a token for somebody else',
    change: (draft) => ({ ...draft, token: { ...web, audiences: ['vault'] } }),
    status: 'InvalidArgument',
    message: /^\[invalid bearer token, token audiences \["vault"\] is invalid for the target audiences \["identity/,
    log: invalidToken('is invalid for the target audiences'),
    reviews: 1,
    deviation: { because: 'Q26', linkerd: 'asks again without an audience, and passes on the second reason' },
  },
  userName(
    'a user name without the form of an account',
    '5.2.4',
    'kubernetes-admin',
    'Username must be in form system:TYPE:NS:SA: kubernetes-admin',
  ),
  userName(
    'a user name of three parts, as nodes have it',
    '5.2.4',
    'system:node:node-1',
    'Username must be in form system:TYPE:NS:SA: system:node:node-1',
  ),
  userName(
    'a user name whose first part is not system',
    '5.2.4',
    'user:serviceaccount:emojivoto:web',
    'Username must be in form system:TYPE:NS:SA: user:serviceaccount:emojivoto:web',
  ),
  userName('a type that is no label', '5.2.5', 'system:service_account:emojivoto:web', 'Not a label: service_account'),
  userName('a namespace that is no label', '5.2.5', 'system:serviceaccount:EMOJI:web', 'Not a label: EMOJI'),
  {
    id: '5.2.5',
    of: 'an account with dots in its name, a real one (Q28)',
    arrange: failing((api) => void api.createServiceAccount({ namespace: 'emojivoto', name: 'web.v1' })),
    change: (draft) => ({
      ...csr({ dnsNames: [dotted] })(as({ namespace: 'emojivoto', name: 'web.v1' })(draft)),
      identity: dotted,
    }),
    status: 'InvalidArgument',
    message: 'Not a label: web.v1',
    log: { level: 'info', msg: /^invalid token provided for web\.v1\..*: .*must not contain dots/ },
    reviews: 1,
  },
  {
    id: '5.2.4+',
    of: 'a type that is a label, but not serviceaccount',
    arrange: userNamed('system:anything:emojivoto:web'),
    status: 'InvalidArgument',
    message: /expected .*service ?account/i,
    log: invalidToken(''),
    reviews: 1,
    deviation: { because: 'Q27', linkerd: 'issues a certificate for emojivoto/web' },
  },
  {
    id: '5.2.6',
    of: 'a verdict that does not say for which audience',
    arrange: verdict({ authenticated: true, user: { username: 'system:serviceaccount:emojivoto:web' } }),
    status: 'FailedPrecondition',
    message: 'authentication token could not be authenticated',
    log: { level: 'info', msg: /^authentication failed for / },
    reviews: 1,
    deviation: { because: 'Q25', linkerd: 'does not look at status.audiences, and issues a certificate' },
  },
  {
    id: '5+',
    of: 'bytes that cannot be a token',
    change: (draft) => ({ ...draft, token: 'no token\n\u0000' }),
    status: 'InvalidArgument',
    message: /./,
    log: invalidToken(''),
    deviation: { because: 'Q31', linkerd: 'asks the API server about anything' },
  },
]

/** Section 5, in Linkerd's order. */
export const reviewRows: readonly Row[] = [...answers, ...validator]
