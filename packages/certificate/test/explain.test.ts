import {
  type ChainPurpose,
  createTrustAnchors,
  explain,
  type ExplainedLink,
  type Explanation,
  explanationLimits,
  type TrustAnchor,
  trustedKey,
  type TrustAnchors,
} from '@meshid/certificate'
import { encodeSequence, encodeOid, oids } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import {
  authority,
  basicConstraints,
  extendedKeyUsage,
  extension,
  generalName,
  hours,
  key,
  keyUsage,
  leaf,
  type Link,
  nameConstraints,
  now,
  usage,
} from './forge.ts'
import { sha1Leaf, shortRsaLeaf } from './old-strength.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'
const root = authority('root')
const issuer = authority('issuer', { by: root, pathLength: 0 })
const workload = leaf(id, { by: issuer })

interface Case {
  readonly anchors?: TrustAnchors | readonly (Link | Uint8Array | TrustAnchor)[]
  readonly at?: Date
  readonly purpose?: ChainPurpose
}

const isLink = (one: Link | Uint8Array | TrustAnchor): one is Link => 'certificate' in one

function explained(links: readonly (Link | Uint8Array)[], settings: Case = {}): Explanation {
  const { anchors = [root], at = now, purpose = 'leaf' } = settings
  const plain = <One extends Uint8Array | TrustAnchor>(one: Link | One) => (isLink(one) ? one.certificate : one)
  const trustAnchors = Array.isArray(anchors)
    ? anchors.map((one: Link | Uint8Array | TrustAnchor) => plain(one))
    : anchors
  return explain({
    chain: links.map((one) => plain(one)),
    trustAnchors: trustAnchors as TrustAnchors,
    now: at,
    purpose,
  })
}

/** Code, what is wrong and what to fix. */
function reason(links: readonly (Link | Uint8Array)[], settings: Case = {}): readonly (string | undefined)[] {
  const found = explained(links, settings).reason
  return [found?.code, found?.what, found?.fix]
}

const keyIdOf = ({ certificate }: Link): string =>
  [...(certificate.subjectKeyIdentifier ?? [])].map((octet) => octet.toString(16).padStart(2, '0')).join('')

const ca = (name: string, by: Link, ...extensions: readonly Uint8Array[]): Link => authority(name, { by, extensions })

function linksOf(link: ExplainedLink | undefined): readonly ExplainedLink[] {
  return link === undefined ? [] : [link, ...link.issuers.flatMap(linksOf)]
}

describe('explain', () => {
  test('tells of an accepted chain which path was taken, and every check of it', () => {
    const { verdict, reason: none, more, tree, cut, otherVerifiers } = explained([workload, issuer])
    expect({ verdict, none, more, otherVerifiers }).toEqual({
      verdict: 'accepted',
      none: undefined,
      more: [],
      otherVerifiers: [],
    })
    expect(linksOf(tree).map(({ role, index, name, isOnPath }) => [role, index, name, isOnPath])).toEqual([
      ['target', 0, id, true],
      ['intermediate', 1, 'CN=issuer', true],
      ['anchor', 0, 'CN=root', true],
    ])
    expect(tree?.issuers[0]?.checks.map(({ check }) => check)).toContain('name-constraints')
    expect(cut).toEqual({ links: 0, paths: 0, trustAnchors: 0, certificates: 0, isSearchCut: false })
  })

  test('is frozen all the way down and the same as its JSON', () => {
    const constrained = ca('issuer', root, basicConstraints(true), keyUsage(usage.keyCertSign))
    const explanation = explained([workload, constrained, new Uint8Array(3)], { anchors: [issuer, new Uint8Array(2)] })
    const check = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return
      expect(Object.isFrozen(value), path).toBe(true)
      for (const [name, inner] of Object.entries(value)) check(inner, `${path}.${name}`)
    }
    check(explanation, 'explanation')
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
  })

  test('lists what was sent and what is trusted, with keys and dates', () => {
    const { chain, trustAnchors } = explained([workload, issuer])
    expect(chain[0]).toMatchObject({
      state: 'read',
      index: 0,
      name: id,
      issuer: 'CN=issuer',
      serialNumber: '1234',
      notAfter: hours(24).toISOString(),
      key: 'P-256',
      authorityKeyIdentifier: keyIdOf(issuer),
      names: [`uri:${id}`],
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(trustAnchors).toMatchObject([{ name: 'CN=root', keyIdentifier: keyIdOf(root) }])
  })

  test('takes trusted keys and ready trust anchors', () => {
    const { subject, publicKey } = root.certificate
    const anchor = trustedKey({ subject, publicKey })
    expect(explained([workload, issuer], { anchors: [anchor] })).toMatchObject({
      verdict: 'accepted',
      trustAnchors: [{ name: 'CN=root', notAfter: undefined, fingerprint: undefined }],
    })
    expect(explained([workload, issuer], { anchors: createTrustAnchors([anchor]) }).verdict).toBe('accepted')
    expect(explained([root], { purpose: 'issuer' })).toMatchObject({ verdict: 'accepted', tree: { isOnPath: true } })
  })

  test('refuses mistakes of the caller as verifyChain does', () => {
    const input = { chain: [workload.certificate], trustAnchors: [root.certificate], now, purpose: 'leaf' } as const
    expect(() => explain({ ...input, now: new Date(Number.NaN) })).toThrow(RangeError)
    expect(() => explain({ ...input, purpose: 'toString' as never })).toThrow(RangeError)
    expect(() => explain({ ...input, chain: ['text' as never] })).toThrow(TypeError)
    expect(() => explain({ ...input, trustAnchors: [{} as never] })).toThrow(TypeError)
    expect(() => explain(input, { limits: { maxCandidates: -1 } })).toThrow(RangeError)
  })
})

describe('the reason to act on first', () => {
  test('an expired leaf, and what is wrong above it as well', () => {
    const old = leaf(id, { by: issuer, notBefore: hours(-99), notAfter: hours(-72) })
    const [code, what, fix] = reason([old, issuer])
    expect(code).toBe('CERT_EXPIRED')
    expect(what).toBe(`${id} expired 3 d ago, at 2026-11-18T12:00:00Z.`)
    expect(fix).toMatch(/^Issue .* anew, and look why it was not renewed in time; or correct this clock/)
    const other = authority('root', { key: key(99) })
    expect(explained([old, issuer], { anchors: [other] }).more).toMatchObject([{ code: 'CERT_UNKNOWN_ISSUER' }])
  })

  test('an expired issuer is renewed by whoever issued it', () => {
    const old = authority('issuer', { by: root, notBefore: hours(-9), notAfter: hours(-8) })
    expect(reason([workload, old])[2]).toContain('Have the CA CN=issuer renewed')
  })

  test('a leaf that is not yet valid, with the distance of the clocks', () => {
    const early = leaf(id, { by: issuer, notBefore: hours(0.01) })
    expect(reason([early, issuer])).toEqual([
      'CERT_NOT_YET_VALID',
      `${id} begins in 36 s, at 2026-11-21T12:00:36Z; this clock says 2026-11-21T12:00:00Z.`,
      'Correct this clock if it is behind, or that of the issuer if it is 36 s ahead; else wait until 2026-11-21T12:00:36Z.',
    ])
  })

  test('an expired anchor, and the one that could take its place (X509-32)', () => {
    const old = authority('root', { notBefore: hours(-9), notAfter: hours(-8) })
    const next = authority('next')
    expect(reason([workload, issuer], { anchors: [old] })).toEqual([
      'CERT_ANCHOR_EXPIRED',
      expect.stringContaining(`CN=root (key id ${keyIdOf(root)}) expired 8 h ago`),
      'Put the successor of CN=root into every trust bundle, and issue from that one.',
    ])
    expect(reason([workload, issuer], { anchors: [old, next] })[2]).toBe(
      `Issue from CN=next (key id ${keyIdOf(next)}), which the bundle has and which is valid, and take the expired one out.`,
    )
    const early = authority('root', { notBefore: hours(1) })
    expect(reason([workload, issuer], { anchors: [early] })[0]).toBe('CERT_ANCHOR_NOT_YET_VALID')
  })

  test('a root with the same name and a new key: both key ids', () => {
    const rotated = authority('root', { key: key(99) })
    const [code, what, fix] = reason([workload, issuer], { anchors: [rotated] })
    expect(code).toBe('CERT_UNKNOWN_ISSUER')
    const instead = `the trust bundle has CN=root with key id ${keyIdOf(rotated)} instead`
    expect(what).toBe(`CN=issuer is signed by CN=root, key id ${keyIdOf(root)}; ${instead}.`)
    expect(fix).toContain(`Add CN=root with key id ${keyIdOf(root)} to the trust bundle`)
    expect(fix).toContain(`issue CN=issuer anew from the one with key id ${keyIdOf(rotated)}`)
  })

  test('an issuer with the same name and another key, sent in place of the right one', () => {
    const wrong = authority('issuer', { by: root, key: key(98) })
    expect(reason([workload, wrong])[2]).toBe(
      `Send the certificate of CN=issuer with key id ${keyIdOf(issuer)} after the leaf, in place of that one.`,
    )
  })

  test('nobody has the name: what is missing depends on where', () => {
    expect(reason([workload])[2]).toMatch(
      /^Send the certificate of CN=issuer \(key id [0-9a-f]{40}\) after the leaf; if/,
    )
    const other = authority('other')
    const [, what, fix] = reason([workload, issuer], { anchors: [other] })
    expect(what).toContain(`The trust bundle has CN=other (key id ${keyIdOf(other)}).`)
    expect(fix).toMatch(
      /^Add CN=root \(key id [0-9a-f]{40}\) to the trust bundle if it is a root that you trust, or issue/,
    )
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => authority(name))
    expect(reason([workload, issuer], { anchors: many })[1]).toMatch(/CN=c \(key id [0-9a-f]+\) and 2 more\.$/)
  })

  test('a self-issued certificate that is no anchor', () => {
    expect(reason([authority('lone')], { purpose: 'issuer' })[2]).toMatch(
      /^Add CN=lone \(key id .*\) to the trust bundle if you trust it/,
    )
  })

  test('a CA that was renamed, with the key that it still has', () => {
    const renamed = authority('renamed', { key: issuer.key, by: root })
    expect(reason([workload, renamed])[2]).toBe(
      `Issue ${id} anew: that key belongs to CN=renamed now, a CA of another name.`,
    )
  })

  test('a leaf that was changed, and a signer that shares its name', () => {
    const bytes = new Uint8Array(workload.certificate.der)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    expect(reason([bytes, issuer])).toMatchObject([
      'CERT_SIGNATURE_INVALID',
      {},
      expect.stringContaining('changed or forged'),
    ])
    const bare = [basicConstraints(false), keyUsage(usage.digitalSignature)]
    const unsaid = leaf(id, { by: issuer, extensions: bare })
    const wrong = authority('issuer', { by: root, key: key(98) })
    expect(reason([unsaid, wrong])[2]).toContain('names can be shared), and send it')
    const homonym = authority('issuer', { key: key(97) })
    expect(reason([unsaid], { anchors: [homonym] })[2]).toContain('put it into the trust bundle')
  })

  test('powers: a CA as leaf, a leaf as CA, a leaf among the anchors', () => {
    expect(reason([issuer])[2]).toMatch(/^Send a leaf that CN=issuer issued, .* ask for purpose issuer\.$/)
    expect(reason([issuer, workload])[2]).toBe(`Put ${id} first: it is a leaf, and now the second of the chain.`)
    const named = leaf(id, { by: { certificate: authority('web', { by: issuer }).certificate, key: workload.key } })
    const dumb = ca('web', issuer, basicConstraints(false), keyUsage(usage.digitalSignature))
    expect(reason([named, dumb, issuer])).toEqual([
      'CERT_NOT_A_CA',
      `${id} was issued by CN=web, which is no CA (CA:FALSE).`,
      `Issue ${id} from a CA: basic constraints CA:TRUE, key usage keyCertSign. A leaf may not sign.`,
    ])
    expect(reason([workload, issuer], { anchors: [workload] })[2]).toMatch(
      /^Take .* out of the trust bundle and put the CA/,
    )
    expect(reason([workload, issuer], { purpose: 'issuer' })[2]).toBe(
      'Ask about a CA certificate; CN=issuer in the chain is one.',
    )
    expect(reason([workload], { purpose: 'issuer' })[2]).toBe('Ask about a CA certificate.')
  })

  test('usages of keys', () => {
    const mute = ca('issuer', root, basicConstraints(true), keyUsage(usage.crlSign))
    expect(reason([workload, mute])[2]).toBe('Issue CN=issuer anew with key usage keyCertSign.')
    const signing = leaf(id, { by: issuer, extensions: [keyUsage(usage.keyCertSign)] })
    expect(reason([signing, issuer])[2]).toMatch(/ anew without key usage keyCertSign\.$/)
    const sealing = leaf(id, { by: issuer, extensions: [keyUsage(usage.keyEncipherment)] })
    expect(reason([sealing, issuer])[2]).toMatch(/ anew with key usage digitalSignature\.$/)
    const oneSided = leaf(id, { by: issuer, extensions: [extendedKeyUsage(oids.clientAuth)] })
    expect(reason([oneSided, issuer])[1]).toMatch(/ is clientAuth; as leaf it needs serverAuth and clientAuth\.$/)
    expect(reason([oneSided, issuer])[2]).toContain('workloads are on both sides')
    const usual = [basicConstraints(true), keyUsage(usage.keyCertSign)]
    const narrow = ca('issuer', root, ...usual, extendedKeyUsage(oids.codeSigning))
    expect(reason([workload, narrow])[2]).toContain('it binds everything below')
  })

  test('lengths: by the word of a CA, and by our limit', () => {
    const middle = authority('middle', { by: issuer })
    expect(reason([leaf(id, { by: middle }), middle, issuer])).toEqual([
      'CERT_PATH_LENGTH_EXCEEDED',
      'CN=issuer allows 0 CAs below it (path length), and there are 1.',
      'Have CN=issuer issued with a path length of 1 or none, or issue directly from CN=issuer, without CN=middle.',
    ])
    const open = authority('open', { by: root })
    const { certificate } = leaf(id, { by: open })
    const input = {
      chain: [certificate, open.certificate],
      trustAnchors: [root.certificate],
      now,
      purpose: 'leaf',
    } as const
    expect(explain(input, { limits: { maxIntermediates: 0 } }).reason?.fix).toContain('fewer CAs')
  })

  test('names that a CA does not permit, or excludes', () => {
    const uri = (host: string) => [generalName(6, host)]
    const strict = authority('issuer', { by: root, more: [nameConstraints({ permitted: uri('other.test') })] })
    const [code, what, fix] = reason([workload, strict])
    expect(code).toBe('CERT_NAME_NOT_PERMITTED')
    expect(what).toBe(`${id} has the uri name ${id}; the CA CN=issuer permits only uri:other.test.`)
    expect(fix).toContain('from a CA that permits that name')
    const wary = authority('issuer', { by: root, more: [nameConstraints({ excluded: uri('td.test') })] })
    expect(reason([workload, wary])[2]).toContain('that does not exclude that name')
  })

  test('what is of the past, or not understood', () => {
    const odd = leaf(id, { by: issuer, more: [extension('1.2.3.4', encodeSequence(encodeOid('1.2.3')), true)] })
    expect(reason([odd, issuer])[2]).toBe(`Issue ${id} anew without 1.2.3.4, or with it not critical.`)
    expect(reason([sha1Leaf(issuer), issuer])).toEqual([
      'CERT_UNSUPPORTED_ALGORITHM',
      expect.stringMatching(/^The signature of CN=issuer on .* is ecdsaWithSha1, which counts for nothing today\.$/),
      expect.stringContaining('signed with SHA-256 or better'),
    ])
    const [code, what, fix] = reason([shortRsaLeaf(issuer), issuer])
    expect(code).toBe('CERT_PUBLIC_KEY_INVALID')
    expect(what).toContain('found 1024 bits')
    expect(fix).toContain('RSA from 2048 bits (certificate 0 of the chain)')
  })

  test('the sentence of the code where there is nothing better to say', () => {
    expect(reason([])).toEqual([
      'CERT_CHAIN_EMPTY',
      'chain: expected at least one certificate, found none.',
      'The chain holds no certificate; the peer or the file sent none.',
    ])
    expect(reason([workload], { anchors: [] })[0]).toBe('CERT_TRUST_ANCHORS_EMPTY')
    expect(reason(Array.from({ length: 11 }, () => workload))[0]).toBe('CERT_CHAIN_TOO_LONG')
  })
})

describe('bytes that are no certificates', () => {
  const broken = issuer.certificate.der.subarray(0, 200)

  test('become a node with the offset of the fault', () => {
    const { chain, reason: first } = explained([workload, broken])
    expect(chain[1]).toMatchObject({ state: 'unreadable', index: 1, bytes: 200, code: 'CERT_DER_INVALID', offset: 0 })
    expect(first).toMatchObject({
      code: 'CERT_DER_INVALID',
      what: expect.stringContaining('Certificate 1 of the chain'),
    })
    const shifted = new Uint8Array(workload.certificate.der)
    shifted[30] = 0x1f
    const odd = explained([shifted, issuer]).chain[0]
    expect(odd).toMatchObject({ state: 'unreadable', offset: expect.any(Number) })
  })

  test('can be left out where the rest is enough, in the chain and in the bundle', () => {
    expect(reason([workload, issuer, broken])[2]).toBe(
      'Leave certificate 2 of the chain out: the rest is accepted without it.',
    )
    expect(reason([workload, issuer], { anchors: [root, broken] })[2]).toBe(
      'Leave certificate 1 of the trust bundle out: the rest is accepted without it.',
    )
    expect(explained([workload, issuer, broken]).tree?.isOnPath).toBe(true)
  })

  test('do not hide what else is wrong', () => {
    const explanation = explained([workload, broken], { anchors: [root, workload] })
    expect(explanation.more.map(({ code }) => code)).toEqual(['CERT_NOT_A_CA', 'CERT_UNKNOWN_ISSUER'])
    expect(explained([broken, workload]).tree).toBeUndefined()
    expect(explained([workload], { anchors: [broken] })).toMatchObject({
      reason: { code: 'CERT_DER_INVALID' },
      more: [],
    })
  })
})

describe('other verifiers', () => {
  const verifiers = (explanation: Explanation): readonly string[] =>
    explanation.otherVerifiers.map(({ verifier, says }) => `${verifier} ${says}`)

  test('are named only where they differ', () => {
    const old = authority('root', { notBefore: hours(-9), notAfter: hours(-8) })
    expect(verifiers(explained([workload, issuer], { anchors: [old] }))).toEqual([
      'rustls-webpki and linkerd2-proxy accepts',
    ])
    const other = authority('root', { key: key(99) })
    expect(verifiers(explained([workload, issuer], { anchors: [other] }))).toEqual([])
  })

  test('that look at fewer things may accept', () => {
    const mute = ca('issuer', root, basicConstraints(true))
    expect(verifiers(explained([workload, mute]))).toEqual([
      'rustls-webpki may accept',
      'Go crypto/x509 may accept',
      'OpenSSL may accept',
    ])
    expect(verifiers(explained([issuer]))).toEqual(['Go crypto/x509 may accept'])
    expect(verifiers(explained([shortRsaLeaf(issuer), issuer]))).toEqual([
      'Go crypto/x509 may accept',
      'OpenSSL may accept',
    ])
    expect(verifiers(explained([sha1Leaf(issuer), issuer]))).toEqual(['OpenSSL may accept'])
    expect(verifiers(explained([workload, issuer], { at: hours(48) }))).toEqual(['Node.js tls may accept'])
    const oneSided = leaf(id, { by: issuer, extensions: [extendedKeyUsage(oids.clientAuth)] })
    expect(verifiers(explained([oneSided, issuer]))).toEqual(['Go crypto/x509, OpenSSL and rustls-webpki may accept'])
  })

  test('that try one path, or know roots only, may refuse', () => {
    const wrong = authority('issuer', {
      by: root,
      extensions: [basicConstraints(true), keyUsage(usage.keyCertSign)],
      key: key(98),
    })
    expect(
      verifiers(explained([leaf(id, { by: issuer, extensions: [basicConstraints(false)] }), wrong, issuer])),
    ).toEqual(['OpenSSL may refuse'])
    expect(verifiers(explained([workload], { anchors: [issuer] }))).toEqual(['OpenSSL may refuse'])
  })

  test('each has a source', () => {
    const { otherVerifiers } = explained([issuer])
    for (const { because, source } of otherVerifiers) expect([because, source]).not.toContain('')
  })
})

describe('an explanation stays small', () => {
  /** Every CA of a level was signed by every CA of the level above, under the same names. */
  function lattice(levels: number, width: number): readonly Link[] {
    const links: Link[] = []
    const keysOf = (level: number) => Array.from({ length: width }, (_, at) => key(1000 + level * width + at))
    for (let level = 0; level < levels; level++) {
      for (const own of keysOf(level)) {
        for (const above of keysOf(level + 1)) {
          const by = { certificate: authority(`level-${level + 1}`, { key: above }).certificate, key: above }
          links.push(authority(`level-${level}`, { key: own, by }))
        }
      }
    }
    return links
  }

  test('when a hostile lattice leads nowhere: what was cut is counted', () => {
    const links = lattice(5, 2)
    const low = { certificate: links[0]?.certificate ?? root.certificate, key: key(1000) }
    const chain = [leaf(id, { by: low }), ...links].map(({ certificate }) => certificate)
    const limits = { maxCertificates: 32, maxSignatureChecks: 64 }
    const trustAnchors = [root.certificate]
    const { tree, cut, verdict } = explain({ chain, trustAnchors, now, purpose: 'leaf' }, { limits })
    expect(verdict).toBe('refused')
    expect(linksOf(tree).length).toBe(explanationLimits.links)
    expect(cut.links).toBeGreaterThan(0)
    expect(cut.paths).toBeGreaterThan(0)
    expect(linksOf(tree).filter(({ isDecisive }) => isDecisive)).toHaveLength(1)
  }, 30_000)

  test('when the search itself ends at a limit', () => {
    const chain = [workload, issuer].map(({ certificate }) => certificate)
    const input = { chain, trustAnchors: [root.certificate], now, purpose: 'leaf' } as const
    const { reason: first, cut } = explain(input, { limits: { maxCandidates: 1 } })
    expect(first?.code).toBe('CERT_SEARCH_LIMIT')
    expect(cut.isSearchCut).toBe(true)
  })

  test('when bundles and chains are long: those that matter come first, the others are counted', () => {
    const others = Array.from({ length: 40 }, (_, at) => authority(`other-${at}`, { key: root.key }))
    const { trustAnchors, cut } = explained([workload, issuer], { anchors: [...others, root] })
    expect(trustAnchors).toHaveLength(explanationLimits.trustAnchors)
    expect(trustAnchors[0]).toMatchObject({ name: 'CN=root', index: 40 })
    expect(cut.trustAnchors).toBe(41 - explanationLimits.trustAnchors)
    const long = explained(Array.from({ length: 40 }, () => workload))
    expect(long.chain).toHaveLength(explanationLimits.certificates)
    expect(long.cut.certificates).toBe(40 - explanationLimits.certificates)
    expect(long.reason?.code).toBe('CERT_CHAIN_TOO_LONG')
  })

  test('when lists of names are long', () => {
    const permitted = Array.from({ length: 100 }, (_, at) => generalName(6, `host-${at}.test`))
    const strict = authority('issuer', { by: root, more: [nameConstraints({ permitted })] })
    const { tree } = explained([workload, strict])
    const evidence = tree?.issuers[0]?.checks.find(({ check }) => check === 'name-constraints')?.evidence
    expect(evidence?.['permitted']).toHaveLength(explanationLimits.values + 1)
    expect(evidence).toMatchObject({ permitted: expect.arrayContaining(['… and 92 more']) })
  })
})
