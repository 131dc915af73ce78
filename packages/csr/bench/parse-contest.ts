import { buildCsr, parseCsr } from '@meshid/csr'
import { createNobleSigner, generatePrivateKey } from '@meshid/keys'
import { fromBER } from 'asn1js'
import { CertificationRequest } from 'pkijs'

// Run by parse.bench.ts in a process of its own: under vitest each use of an import is a call of a getter, and there are more
// of these in a parse than nanoseconds. Prints one line of JSON: for each request the median microseconds of each contender.

const ROUNDS = 60
const names = {
  'one URI, empty subject': { uris: ['spiffe://cluster.local/ns/emojivoto/sa/web'] },
  "Linkerd's: a common name and the same DNS name": {
    commonName: 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local',
    dnsNames: ['web.emojivoto.serviceaccount.identity.linkerd.cluster.local'],
  },
}

interface Contender {
  readonly name: string
  readonly run: () => unknown
  /** Calls a round, so that every contender takes about as long. */
  readonly calls: number
}

/** Median microseconds of each contender, measured in turns, so that a busy machine slows all alike. */
function medians(contenders: readonly Contender[]): Record<string, number> {
  const samples = contenders.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { run, calls }] of contenders.entries()) {
      const start = performance.now()
      for (let call = 0; call < calls; call++) run()
      samples[index]?.push(((performance.now() - start) * 1000) / calls)
    }
  }
  const medianOf = (times: readonly number[] = []) => times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
  return Object.fromEntries(contenders.map(({ name }, index) => [name, medianOf(samples[index])]))
}

const signer = createNobleSigner(generatePrivateKey('P-256'))
const results: Record<string, Record<string, number>> = {}
for (const [title, wanted] of Object.entries(names)) {
  const csr = await buildCsr({ signer, ...wanted })
  const buffer = csr.slice().buffer
  const contenders: readonly Contender[] = [
    { name: 'asn1js', run: () => fromBER(buffer), calls: 10 },
    { name: 'pkijs', run: () => CertificationRequest.fromBER(buffer), calls: 5 },
    { name: 'parseCsr', run: () => parseCsr(csr), calls: 3000 },
    { name: 'parseCsr and its names', run: () => parseCsr(csr).uris, calls: 1000 },
    { name: 'a copy of the bytes', run: () => new Uint8Array(csr), calls: 1000 },
  ]
  medians(contenders)
  results[title] = medians(contenders)
}
process.stdout.write(JSON.stringify(results))
