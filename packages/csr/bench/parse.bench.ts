import { buildCsr, parseCsr } from '@meshid/csr'
import { createNobleSigner, generatePrivateKey } from '@meshid/keys'
import { fromBER } from 'asn1js'
import { CertificationRequest } from 'pkijs'
import { expect, test } from 'vitest'

/** T6 of the performance targets: how many times as fast as asn1js, which checks less, a request is parsed. */
const TARGET = 300
const ROUNDS = 80

interface Contender {
  readonly name: string
  readonly run: () => unknown
  /** Calls a round, so that every contender takes about as long. */
  readonly calls: number
}

/** Median microseconds of each contender, measured in turns, so that a busy machine slows all alike. */
function medians(contenders: readonly Contender[]): readonly number[] {
  const samples = contenders.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { run, calls }] of contenders.entries()) {
      const start = performance.now()
      for (let call = 0; call < calls; call++) run()
      samples[index]?.push(((performance.now() - start) * 1000) / calls)
    }
  }
  return samples.map((times) => times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN)
}

test.each([
  ['one URI, empty subject', { uris: ['spiffe://cluster.local/ns/emojivoto/sa/web'] }],
  [
    "Linkerd's: a common name and the same DNS name",
    {
      commonName: 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local',
      dnsNames: ['web.emojivoto.serviceaccount.identity.linkerd.cluster.local'],
    },
  ],
])('parsing a CSR: %s', async (name, names) => {
  const csr = await buildCsr({ signer: createNobleSigner(generatePrivateKey('P-256')), ...names })
  const [parse, ber, buffer] = [parseCsr, fromBER, csr.slice().buffer]
  const contenders: readonly Contender[] = [
    { name: 'asn1js', run: () => ber(buffer), calls: 10 },
    { name: 'pkijs', run: () => CertificationRequest.fromBER(buffer), calls: 5 },
    { name: 'parseCsr', run: () => parse(csr), calls: 3000 },
    { name: 'parseCsr and its names', run: () => parse(csr).uris, calls: 2000 },
  ]
  medians(contenders)
  const times = medians(contenders)
  const [asn1js = Number.NaN, , ours = Number.NaN] = times
  console.log(name)
  for (const [index, it] of contenders.entries()) {
    const time = times[index] ?? Number.NaN
    console.log(`${(asn1js / time).toFixed(1).padStart(7)} × asn1js ${time.toFixed(3).padStart(9)} µs  ${it.name}`)
  }
  expect(asn1js / ours).toBeGreaterThan(TARGET)
})
