// 1. A name: who a workload is, said as a SPIFFE ID.
import {
  isMatch,
  matchId,
  parseServiceAccountUsername,
  parseSpiffeId,
  parseTrustDomain,
  SpiffeIdError,
  spiffeIdOf,
} from '@meshid/spiffe-id'

const trustDomain = parseTrustDomain('cluster.local')

// Kubernetes knows workloads by their service account. This is how the API server spells one.
const account = parseServiceAccountUsername('system:serviceaccount:emojivoto:web')
const id = spiffeIdOf(account, trustDomain)
console.log(`${account.name} in ${account.namespace} is ${id.toString()}`)

// A rule about whom to let in is a value too: here any account of emojivoto.
const fromEmojivoto = matchId.pathPattern(trustDomain, '/ns/emojivoto/sa/*')
console.log(`welcome: ${isMatch(fromEmojivoto, id)}`)

// Names are read byte for byte. What is almost a SPIFFE ID is none, and the error says why.
for (const text of ['spiffe://Cluster.local/ns/emojivoto/sa/web', 'spiffe://cluster.local/ns/emojivoto/../sa/web']) {
  try {
    parseSpiffeId(text)
  } catch (error) {
    if (error instanceof SpiffeIdError) console.log(`${error.code} at offset ${error.detail.offset}`)
  }
}

// Prints:
// web in emojivoto is spiffe://cluster.local/ns/emojivoto/sa/web
// welcome: true
// SPIFFE_ID_TRUST_DOMAIN_UPPERCASE at offset 9
// SPIFFE_ID_DOT_SEGMENT at offset 36
