import { buildCsr, parseCsr } from '@meshid/csr'
import { createNobleSigner, generatePrivateKey } from '@meshid/keys'
import { fromBER } from 'asn1js'
import { CertificationRequest } from 'pkijs'

// Run by parse.bench.ts in a process of its own: under vitest each use of an import is the call of a getter, which takes longer
// than what is measured. Prints JSON: for each request, what each contender takes and how many times as fast as asn1js that is.

const WARM_UP_ROUNDS = 60
const ROUNDS = 300

interface Contender {
  readonly name: string
  readonly run: () => unknown
  /** Calls a round, so that every contender takes about as long. */
  readonly calls: number
}

/** Processor time, so that a busy machine does not count. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

/** Measures by turns, so that whatever else the machine does hits all alike; the first contender is what is compared with. */
function compete(contenders: readonly Contender[]): Record<string, { microseconds: number; times: number }> {
  const samples = contenders.map((): number[] => [])
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [index, { run, calls }] of contenders.entries()) {
      const start = cpuMicroseconds()
      for (let call = 0; call < calls; call++) run()
      if (round >= 0) samples[index]?.push((cpuMicroseconds() - start) / calls)
    }
  }
  const [first = []] = samples
  return Object.fromEntries(
    contenders.map(({ name }, index) => {
      const own = samples[index] ?? []
      const times = medianOf(own.map((time, round) => (first[round] ?? Number.NaN) / time))
      return [name, { microseconds: medianOf(own), times }]
    }),
  )
}

const linkerdName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
const requests = {
  // One URI and an empty subject.
  spiffe: { uris: ['spiffe://cluster.local/ns/emojivoto/sa/web'] },
  // A common name and the same DNS name.
  linkerd: { commonName: linkerdName, dnsNames: [linkerdName] },
}
const signer = createNobleSigner(generatePrivateKey('P-256'))
const results: Record<string, ReturnType<typeof compete>> = {}
for (const [title, names] of Object.entries(requests)) {
  const csr = await buildCsr({ signer, ...names })
  const buffer = csr.slice().buffer
  results[title] = compete([
    { name: 'asn1js', run: () => fromBER(buffer), calls: 10 },
    { name: 'pkijs', run: () => CertificationRequest.fromBER(buffer), calls: 5 },
    { name: 'parseCsr', run: () => parseCsr(csr), calls: 3000 },
    { name: 'parseCsr and its names', run: () => parseCsr(csr).uris, calls: 1000 },
  ])
}
process.stdout.write(JSON.stringify(results))
