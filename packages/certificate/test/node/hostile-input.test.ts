import {
  type Certificate,
  CertificateError,
  createTrustAnchors,
  MAX_CERTIFICATE_BYTES,
  MAX_NAME_CONSTRAINTS,
  MAX_SUBJECT_ALT_NAMES,
  parseCertificate,
  type PathLimits,
  verifyChain,
} from '@meshid/certificate'
import { encodeExplicit, encodeNull, encodeSequence, oids } from '@meshid/der'
import { nodeVerifier } from '@meshid/keys/node'
import { expect, test } from 'vitest'
import {
  authority,
  extension,
  forge,
  generalName,
  key,
  leaf,
  type Link,
  nameConstraints,
  now,
  subjectAltName,
} from '../forge.ts'

const id = 'spiffe://td.test/w'
const root = authority('root')
const trustAnchors = createTrustAnchors([root.certificate])

/** What a refusal may cost; a hundred times what it does, since the machine may be busy. */
const MAX_CPU_MS = 10_000
const MAX_MEMORY_MB = 64

/** Runs something that must be refused, prints what it cost, and returns the code. */
function refusedCheaply(what: string, run: () => unknown): string {
  const memory = process.memoryUsage().heapUsed
  const start = process.cpuUsage()
  let refusal: unknown
  try {
    run()
  } catch (error) {
    refusal = error
  }
  const { user, system } = process.cpuUsage(start)
  const cpuMs = (user + system) / 1000
  const megabytes = (process.memoryUsage().heapUsed - memory) / 0x100000
  const code = refusal instanceof CertificateError ? refusal.code : `no refusal but ${String(refusal)}`
  process.stdout.write(`${what}: ${code} after ${cpuMs.toFixed(1)} ms, ${megabytes.toFixed(1)} MB\n`)
  expect(cpuMs).toBeLessThan(MAX_CPU_MS)
  expect(megabytes).toBeLessThan(MAX_MEMORY_MB)
  return code
}

function verify(chain: readonly Certificate[], limits?: Partial<PathLimits>): void {
  verifyChain({ chain, trustAnchors, now, purpose: 'leaf' }, { verifier: nodeVerifier, limits })
}

const LAYERS = 20

/** Twenty layers of two CAs, each certified by both CAs of the layer above: 2^20 paths, all sound, and none up to an anchor. */
function lattice(): readonly Certificate[] {
  let above: readonly Link[] = [authority('gone-0'), authority('gone-1')]
  const pool: Certificate[] = []
  for (let layer = 0; layer < LAYERS; layer++) {
    const certified = [0, 1].map((side) =>
      above.map((by) => authority(`layer-${layer}-${side}`, { by, key: key(1000 + 2 * layer + side) })),
    )
    pool.push(...certified.flat().map(({ certificate }) => certificate))
    above = certified.flatMap(([first]) => (first === undefined ? [] : [first]))
  }
  const [by = root] = above
  return [leaf(id, { by }).certificate, ...pool]
}

test('a lattice of 2^20 sound paths ends with its work', () => {
  const chain = lattice()
  expect(chain).toHaveLength(1 + 4 * LAYERS)
  expect(refusedCheaply('lattice as it comes', () => verify(chain))).toBe('CERT_CHAIN_TOO_LONG')
  const room = { maxCertificates: 100, maxIntermediates: 100 }
  expect(refusedCheaply('lattice that is let in', () => verify(chain, room))).toBe('CERT_SEARCH_LIMIT')
  const work = { ...room, maxSignatureChecks: 10_000, maxCandidates: 10_000 }
  expect(refusedCheaply('lattice with ten times the work', () => verify(chain, work))).toBe('CERT_SEARCH_LIMIT')
})

test('a leaf with 10,000 names is not read', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => generalName(2, `n${index}`))
  const der = forge({ extensions: [subjectAltName(names)] })
  expect(refusedCheaply('10,000 names', () => parseCertificate(der, { maxBytes: 0x100000 }))).toBe(
    'CERT_EXTENSIONS_TOO_MANY',
  )
})

test('a certificate of 1 MB is not read', () => {
  const der = forge({ extensions: [extension('1.2.3', new Uint8Array(0x100000))] })
  expect(der.length).toBeGreaterThan(MAX_CERTIFICATE_BYTES)
  expect(refusedCheaply('1 MB', () => parseCertificate(der))).toBe('CERT_TOO_LARGE')
})

test('a depth bomb is not followed', () => {
  const nest = (levels: number): Uint8Array => {
    let inner: Uint8Array = encodeNull()
    for (let level = 0; level < levels; level++) inner = encodeSequence(inner)
    return inner
  }
  const deep = nest(10_000)
  const places: readonly (readonly [string, Uint8Array])[] = [
    ['in an unknown extension', forge({ extensions: [extension('1.2.3', deep)] })],
    ['in a name', forge({ subject: deep })],
    ['in a key', forge({ spki: deep })],
    ['in name constraints', forge({ extensions: [extension(oids.nameConstraints, deep, true)] })],
    ['in names', forge({ extensions: [extension(oids.subjectAltName, encodeSequence(encodeExplicit(4, deep)))] })],
    ['instead of a certificate', deep],
  ]
  for (const [place, der] of places) {
    const limit = { maxBytes: 0x100000 }
    const code = refusedCheaply(`10,000 levels ${place}`, () => verify([parseCertificate(der, limit)]))
    expect(code).toMatch(/^CERT_(DER_INVALID|VERSION_UNSUPPORTED|PUBLIC_KEY_INVALID|UNKNOWN_ISSUER)$/)
  }
})

test('10,000 constraints and 10,000 names are not multiplied', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => generalName(2, `n${index}.test`))
  const constraints = (count: number) => nameConstraints({ excluded: names(count) })
  const der = forge({ extensions: [constraints(10_000)] })
  expect(refusedCheaply('10,000 constraints', () => parseCertificate(der, { maxBytes: 0x100000 }))).toBe(
    'CERT_EXTENSIONS_TOO_MANY',
  )
  const strict = authority('strict', { by: root, more: [constraints(MAX_NAME_CONSTRAINTS)] })
  const many = subjectAltName(
    Array.from({ length: MAX_SUBJECT_ALT_NAMES }, (_, index) => generalName(2, `o${index}.test`)),
    true,
  )
  const chain = [leaf(id, { by: strict, extensions: [many] }), strict].map(({ certificate }) => certificate)
  const product = `${MAX_NAME_CONSTRAINTS} constraints on ${MAX_SUBJECT_ALT_NAMES} names`
  expect(refusedCheaply(product, () => verify(chain))).toBe('CERT_SEARCH_LIMIT')
})

test('many issuers of one name, each with many constraints, share one budget', () => {
  const excluded = Array.from({ length: 128 }, (_, index) => generalName(2, `x${index}.test`))
  const signer = key(500)
  const twins = Array.from({ length: 9 }, (_, index) =>
    authority('strict', {
      by: authority(`gone-${index}`),
      key: signer,
      more: [nameConstraints({ excluded }), extension(`1.2.3.${index}`, encodeNull())],
    }),
  )
  const names = Array.from({ length: 400 }, (_, index) => generalName(2, `o${index}.test`))
  const own = { certificate: twins[0]?.certificate ?? root.certificate, key: signer }
  const target = leaf(id, { by: own, extensions: [subjectAltName(names, true)] })
  const chain = [target, ...twins].map(({ certificate }) => certificate)
  expect(refusedCheaply('nine twins with 128 constraints', () => verify(chain))).toBe('CERT_SEARCH_LIMIT')
})
