import { startKubernetesApi } from '@meshid/testkit'
import {
  accountOf,
  type ClusterOptions,
  type ClusterQuestion,
  type ClusterQuestions,
  type ClusterRequest,
  FLEET_NAMESPACE as namespace,
  type TokenSharing,
} from './cluster-protocol.ts'

// A process of its own, so that its work is nobody else's: the stand-in for the cluster's API server, which really signs and
// verifies tokens. It answers its parent's questions and ends with it.
const options = JSON.parse(process.argv[2] ?? '{}') as ClusterOptions
const { accounts, pods, reviewDelayMs, reviewsPerSecond: perSecond } = options

/** Longer than any run. */
const DAY_SECONDS = 86_400

const api = await startKubernetesApi({ reviewDelayMs, reviewLimit: { perSecond } })
for (let account = 0; account < accounts; account++)
  api.createServiceAccount({ namespace, name: accountOf(account, options) })

type Answers = {
  readonly [Q in ClusterQuestion]: (
    asked: ClusterQuestions[Q]['asked'],
  ) => ClusterQuestions[Q]['answer'] | Promise<ClusterQuestions[Q]['answer']>
}

const answers: Answers = {
  address: () => ({ host: api.host, port: api.port, caPem: api.caPem, callerToken: api.callerToken }),
  reviews: () => api.requestCount('tokenReview'),
  tokens: (sharing) => (sharing === 'account' ? sharedTokens() : podTokens()),
}

async function sharedTokens(): Promise<readonly string[]> {
  const token = (account: number): Promise<string> =>
    api.createToken({ namespace, name: accountOf(account, options), expirationSeconds: DAY_SECONDS })
  const tokens = await Promise.all(Array.from({ length: accounts }, (_, account) => token(account)))
  return Array.from({ length: pods }, (_, pod) => tokens[pod % accounts] ?? '')
}

async function podTokens(): Promise<readonly string[]> {
  const tokens: string[] = []
  for (let pod = 0; pod < pods; pod++) {
    const account = accountOf(pod, options)
    const podName = `${account}-${pod}`
    api.createPod({ namespace, name: podName, serviceAccountName: account })
    tokens.push(await api.createToken({ namespace, name: account, podName, expirationSeconds: DAY_SECONDS }))
  }
  return tokens
}

process.on('message', ({ id, question, asked }: ClusterRequest) => {
  void Promise.resolve(answers[question](asked as undefined & TokenSharing)).then((answer) =>
    process.send?.({ id, answer }),
  )
})
process.once('disconnect', () => process.exit())
