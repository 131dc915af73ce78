// 6. A token review: the API server says whose a bearer token is. It is a stand-in, but its tokens are real JWTs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKubernetesApi } from '@meshid/testkit'
import { createKubernetesReviewer, TokenReviewError } from '@meshid/token-review'
import { createClusterTransport } from '@meshid/token-review/node'

await using api = await startKubernetesApi()
const account = { namespace: 'emojivoto', name: 'web' }
api.createServiceAccount(account)

// What a pod of ours would find in /var/run/secrets: the cluster's CA and its own token.
const folder = await mkdtemp(join(tmpdir(), 'meshid-'))
const [caFile, tokenFile] = [join(folder, 'ca.crt'), join(folder, 'token')]
await Promise.all([writeFile(caFile, api.caPem), writeFile(tokenFile, api.callerToken)])
using transport = createClusterTransport({ host: api.host, port: api.port, caFile, tokenFile })
const reviewer = createKubernetesReviewer({ transport, audiences: ['identity.l5d.io'] })

async function review(token: string): Promise<string> {
  try {
    const { username, audiences } = await reviewer.review(token)
    return `${username} for ${audiences.join(', ')}`
  } catch (error) {
    return error instanceof TokenReviewError ? error.code : String(error)
  }
}
const token = await api.createToken(account)
console.log(`good: ${await review(token)}`)
console.log(`another audience: ${await review(await api.createToken({ ...account, audiences: ['vault'] }))}`)
console.log(`forged: ${await review(`${token.slice(0, -8)}AAAAAAAA`)}`)
api.deleteServiceAccount(account) // the signature is still good, but only the API server knows that the account is gone
console.log(`deleted account: ${await review(token)}`)
await rm(folder, { recursive: true })
// Prints:
// good: system:serviceaccount:emojivoto:web for identity.l5d.io
// another audience: TOKEN_REVIEW_WRONG_AUDIENCE
// forged: TOKEN_REVIEW_REJECTED
// deleted account: TOKEN_REVIEW_REJECTED
