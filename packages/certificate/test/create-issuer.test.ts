import { describe, expect, test } from 'vitest'
import { createRemoteSigner, nobleVerifier, type Signer } from '@meshid/keys'
import { parseSpiffeId } from '@meshid/spiffe-id'
import {
  CertificateError,
  createIntermediateCertificate,
  createIssuer,
  createTrustAnchors,
  fingerprint,
  intermediateTemplate,
  parseCertificate,
  rootTemplate,
  verifyChain,
  workloadTemplate,
} from '@meshid/certificate'
import { at, countingVerifier, createCa, dayMs, hourMs, minuteMs, newKey, newSigner, now } from './ca.ts'
import { signOddCertificate, webId, webName } from './ca.ts'

const code = (expected: string) => expect.objectContaining({ name: 'CertificateError', code: expected })
const options = { verifier: nobleVerifier }

describe('a leaf', async () => {
  const ca = await createCa()
  const issuer = await createIssuer({ ...ca, now })

  test('names the SPIFFE ID and nothing else: empty subject, critical URI name (X509-1, X509-8, Q5)', async () => {
    const { der } = await issuer.issue({ identity: { spiffeId: webId }, key: newKey(), now })
    const leaf = parseCertificate(der)
    expect(leaf.subject.isEmpty).toBe(true)
    expect(leaf.subjectAltNames).toMatchObject({ critical: true, dnsNames: [], uris: [String(webId)] })
  })

  test('names the DNS name first and then the SPIFFE ID when it has both', async () => {
    const { der } = await issuer.issue({ identity: { spiffeId: webId, dnsName: webName }, key: newKey(), now })
    const text = new TextDecoder('latin1').decode(der)
    expect(parseCertificate(der).subjectAltNames).toMatchObject({ dnsNames: [String(webName)], uris: [String(webId)] })
    expect(text.indexOf(String(webName))).toBeLessThan(text.indexOf(String(webId)))
  })

  test('names the DNS name alone for a mesh that knows no SPIFFE IDs', async () => {
    const { der } = await issuer.issue({ identity: { dnsName: webName }, key: newKey(), now })
    expect(parseCertificate(der).subjectAltNames).toMatchObject({ dnsNames: [String(webName)], uris: [] })
  })

  test('is no CA and says so, signs handshakes only, for both sides of TLS (X509-15, X509-17, X509-18, X509-21, Q24)', async () => {
    const { der } = await issuer.issue({ identity: { spiffeId: webId }, key: newKey(), now })
    const leaf = parseCertificate(der)
    expect(leaf.basicConstraints).toEqual({ critical: true, ca: false, pathLength: undefined })
    expect(Object.entries(leaf.keyUsage ?? {}).filter(([, value]) => value)).toEqual([
      ['critical', true],
      ['digitalSignature', true],
    ])
    expect(leaf.extendedKeyUsage).toEqual({ critical: false, purposes: ['serverAuth', 'clientAuth'] })
    expect(leaf.subjectKeyIdentifier).toHaveLength(20)
    expect(leaf.authorityKeyIdentifier).toEqual(ca.intermediate.subjectKeyIdentifier)
    expect(leaf.issuer.bytes).toEqual(ca.intermediate.subject.bytes)
  })

  test.each(['P-256', 'P-384', 'Ed25519'] as const)(
    'carries a %s key and verifies up to the root',
    async (algorithm) => {
      const key = newKey(algorithm)
      const issued = await issuer.issue({ identity: { spiffeId: webId }, key, now })
      const leaf = parseCertificate(issued.der)
      expect(leaf.publicKey.spki).toEqual(key.spki)
      const chain = [leaf, ...issuer.chain.map((der) => parseCertificate(der))]
      const verified = verifyChain({ chain, trustAnchors: ca.trustAnchors, now, purpose: 'leaf' }, options)
      expect(verified.path.map((certificate) => fingerprint(certificate))).toEqual(
        [leaf, ca.intermediate, ca.root].map((certificate) => fingerprint(certificate)),
      )
    },
  )

  test('is told of with what a log line needs', async () => {
    const issued = await issuer.issue({ identity: { spiffeId: webId }, key: newKey(), now })
    const leaf = parseCertificate(issued.der)
    expect(issued.fingerprint()).toBe(fingerprint(leaf))
    expect(issued.serialNumber).toBe(leaf.serialNumber)
    expect(issued.notBefore).toEqual(leaf.notBefore)
    expect(issued.notAfter).toEqual(leaf.notAfter)
    expect(() => Object.assign(issued, { der: new Uint8Array(1) })).toThrow(TypeError)
  })

  test('has the common name of the template, and then its names are not critical', async () => {
    const template = workloadTemplate({ commonName: 'web (shop)' })
    const named = await createIssuer({ ...ca, now }, { template })
    const { der } = await named.issue({ identity: { spiffeId: webId }, key: newKey(), now })
    const leaf = parseCertificate(der)
    expect(leaf.subject.text()).toBe('CN=web (shop)')
    expect(leaf.subjectAltNames?.critical).toBe(false)
  })
})

describe('an issuer', async () => {
  const ca = await createCa()

  test('sends its own certificate and those above, but not a self-signed root', async () => {
    const issuer = await createIssuer({ ...ca, chain: [ca.intermediate, ca.root], now })
    expect(issuer.chain).toEqual([ca.intermediate.der])
    expect(issuer.certificate.der).toEqual(ca.intermediate.der)
    expect(Object.isFrozen(issuer.chain)).toBe(true)
  })

  test('sends nothing when it is the self-signed root itself (Q49)', async () => {
    const issuer = await createIssuer({ ...ca, chain: [ca.root], signer: ca.rootSigner, now })
    const { der } = await issuer.issue({ identity: { spiffeId: webId }, key: newKey(), now })
    expect(issuer.chain).toEqual([])
    const chain = [parseCertificate(der)]
    expect(verifyChain({ chain, trustAnchors: ca.trustAnchors, now, purpose: 'leaf' }, options).path).toHaveLength(2)
  })

  test('sends an intermediate that is the anchor, because others may trust only its root (X509-31)', async () => {
    const issuer = await createIssuer({ ...ca, trustAnchors: createTrustAnchors([ca.intermediate]), now })
    expect(issuer.chain).toEqual([ca.intermediate.der])
  })

  test('sends the issuer first and then upwards, whatever the order of the file', async () => {
    const middleSigner = newSigner()
    const chain = [ca.root]
    const common = { now, pathLength: 1 }
    const middle = await createIntermediateCertificate({
      ...common,
      issuer: { chain, signer: ca.rootSigner },
      key: middleSigner.key,
      commonName: 'middle',
    })
    const signer = newSigner()
    const low = await createIntermediateCertificate({
      issuer: { chain: [middle, ca.root], signer: middleSigner },
      key: signer.key,
      commonName: 'low',
      now,
    })
    const issuer = await createIssuer({ ...ca, chain: [low, ca.root, middle], signer, now })
    expect(issuer.chain).toEqual([low.der, middle.der])
  })

  test('says when it ends: with the first of its path, anchor included (Q14)', async () => {
    const short = await createCa({ rootLifetimeMs: 30 * dayMs, lifetimeMs: 365 * dayMs })
    expect((await createIssuer({ ...short, now })).notAfter).toEqual(at(30 * dayMs))
  })

  test('works with a signer that answers later', async () => {
    const { key, signatureAlgorithm } = ca.signer
    const remote = {
      spki: key.spki,
      signatureAlgorithm,
      sign: (message: Uint8Array) => Promise.resolve(ca.signer.sign(message)),
    }
    const signer = await createRemoteSigner(remote, { verifier: nobleVerifier })
    const issuer = await createIssuer({ ...ca, signer, now })
    const issued = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        issuer.issue({ identity: { spiffeId: parseSpiffeId(`spiffe://td/${name}`) }, key: newKey(), now }),
      ),
    )
    const chains = issued.map(({ der }) => [parseCertificate(der), ca.intermediate])
    for (const [index, chain] of chains.entries()) {
      expect(chain[0]?.subjectAltNames?.uris).toEqual([`spiffe://td/${'abc'[index]}`])
      verifyChain({ chain, trustAnchors: ca.trustAnchors, now, purpose: 'leaf' }, options)
    }
  })

  test.each(['P-384', 'Ed25519'] as const)('may have a %s key (Q54)', async (algorithm) => {
    const other = await createCa({ algorithm })
    const issuer = await createIssuer({ ...other, now })
    const { der } = await issuer.issue({ identity: { spiffeId: webId }, key: newKey(), now })
    const chain = [parseCertificate(der), other.intermediate]
    expect(verifyChain({ chain, trustAnchors: other.trustAnchors, now, purpose: 'leaf' }, options).path).toHaveLength(3)
  })
})

describe('an issuer is refused when', async () => {
  const ca = await createCa()
  const key = newKey()
  const oddIssuer = (template: Parameters<typeof signOddCertificate>[0]['template']) => {
    const signer = newSigner()
    const certificate = signOddCertificate({ template, key: signer.key, issuer: ca.root, signer: ca.rootSigner })
    return { chain: [certificate], signer, trustAnchors: ca.trustAnchors, now }
  }

  test('its certificate is a leaf', async () => {
    const { der } = await (await createIssuer({ ...ca, now })).issue({ identity: { spiffeId: webId }, key, now })
    const chain = [parseCertificate(der), ca.intermediate]
    await expect(createIssuer({ ...ca, chain, now })).rejects.toEqual(code('CERT_NOT_A_CA'))
  })

  test('it may not sign certificates (Q11)', async () => {
    const source = oddIssuer({ ...intermediateTemplate('careless'), keyUsages: ['crlSign'] })
    await expect(createIssuer(source)).rejects.toEqual(code('CERT_NO_KEY_CERT_SIGN'))
  })

  test('the path length above it is used up (Q11)', async () => {
    const signer = newSigner()
    const template = intermediateTemplate('below')
    const below = signOddCertificate({ template, key: signer.key, issuer: ca.intermediate, signer: ca.signer })
    const source = { chain: [below, ca.intermediate], signer, trustAnchors: ca.trustAnchors, now }
    await expect(createIssuer(source)).rejects.toEqual(code('CERT_PATH_LENGTH_EXCEEDED'))
  })

  test('the private key is another', async () => {
    await expect(createIssuer({ ...ca, signer: newSigner(), now })).rejects.toEqual(code('CERT_KEY_MISMATCH'))
  })

  test('it has expired', async () => {
    await expect(createIssuer({ ...ca, now: at(365 * dayMs + 1000) })).rejects.toEqual(code('CERT_EXPIRED'))
  })

  test('it is not valid yet', async () => {
    await expect(createIssuer({ ...ca, now: at(-minuteMs) })).rejects.toEqual(code('CERT_NOT_YET_VALID'))
  })

  test('its anchor has expired, though it has not (Q14, X509-32)', async () => {
    const root = signOddCertificate({
      template: rootTemplate('short'),
      key: ca.rootSigner.key,
      signer: ca.rootSigner,
      notAfter: at(hourMs),
    })
    const signer = newSigner()
    const template = intermediateTemplate('long')
    const long = signOddCertificate({ template, key: signer.key, issuer: root, signer: ca.rootSigner })
    const source = { chain: [long], signer, trustAnchors: createTrustAnchors([root]), now: at(2 * hourMs) }
    await expect(createIssuer(source)).rejects.toEqual(code('CERT_ANCHOR_EXPIRED'))
  })

  test('it does not lead to the anchors', async () => {
    const { trustAnchors } = await createCa()
    await expect(createIssuer({ ...ca, trustAnchors, now })).rejects.toEqual(code('CERT_UNKNOWN_ISSUER'))
  })

  test('its extended key usage excludes one side of TLS (Q11)', async () => {
    const source = oddIssuer({ ...intermediateTemplate('narrow'), extendedKeyUsages: ['clientAuth'] })
    await expect(createIssuer(source)).rejects.toEqual(code('CERT_EXTENDED_KEY_USAGE_MISMATCH'))
  })

  test('it is about to expire (Q15)', async () => {
    await expect(createIssuer({ ...ca, now: at(365 * dayMs - minuteMs + 1000) })).rejects.toEqual(
      code('CERT_ISSUER_EXPIRING'),
    )
  })

  test('its signer signs with another key than it proved', async () => {
    const stranger = newSigner()
    const signer: Signer = { ...ca.signer, sign: (message) => stranger.sign(message) }
    await expect(createIssuer({ ...ca, signer, now })).rejects.toEqual(code('CERT_SIGNATURE_INVALID'))
  })

  test('its signer fails, and the reason is the cause', async () => {
    const cause = new Error('the HSM is asleep')
    const signer: Signer = { ...ca.signer, sign: () => Promise.reject(cause) }
    await expect(createIssuer({ ...ca, signer, now })).rejects.toEqual(
      expect.objectContaining({ code: 'CERT_SIGNING_FAILED', cause }),
    )
  })

  test.each([0, 105])('its signer makes signatures of %s bytes, as none of its algorithms does', async (length) => {
    const signer: Signer = { ...ca.signer, sign: () => new Uint8Array(length) }
    await expect(createIssuer({ ...ca, signer, now })).rejects.toEqual(code('CERT_SIGNING_FAILED'))
  })

  test('there is no certificate', async () => {
    await expect(createIssuer({ ...ca, chain: [], now })).rejects.toEqual(code('CERT_CHAIN_EMPTY'))
  })

  test('the refusal says which certificate, and never a key', async () => {
    const refusal = await createIssuer({ ...ca, signer: newSigner(), now }).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(CertificateError)
    expect(refusal).toMatchObject({ detail: { certificate: 'CN=identity.linkerd.cluster.local' } })
  })

  test('leaves are not checked at whole intervals', async () => {
    await expect(createIssuer({ ...ca, now }, { selfCheckInterval: 0 })).rejects.toThrow(RangeError)
    await expect(createIssuer({ ...ca, now }, { selfCheckInterval: 1.5 })).rejects.toThrow(RangeError)
  })

  test('its leaves would be CAs', async () => {
    const template = { ...workloadTemplate(), ca: true } as unknown as ReturnType<typeof workloadTemplate>
    await expect(createIssuer({ ...ca, now }, { template })).rejects.toEqual(code('CERT_LEAF_IS_CA'))
  })
})

describe('issuing', async () => {
  const ca = await createCa()
  const issuer = await createIssuer({ ...ca, now })
  const identity = { spiffeId: webId }

  test('takes proven keys only, also from those who silence the compiler', async () => {
    const { publicKey, spki, algorithm } = newKey()
    const lookalike = { publicKey, spki, algorithm }
    const disguised = Object.create(Object.getPrototypeOf(newKey()), { publicKey: { value: publicKey } })
    for (const key of [publicKey, lookalike, disguised, null, spki]) {
      await expect(issuer.issue({ identity, key: key as never, now })).rejects.toThrow(TypeError)
    }
  })

  test('takes typed identities only, also from those who silence the compiler', async () => {
    const key = newKey()
    const disguised = Object.create(Object.getPrototypeOf(webId), { path: { value: '/a' } })
    for (const odd of [{ spiffeId: String(webId) }, { dnsName: String(webName) }, {}, { spiffeId: disguised }]) {
      await expect(issuer.issue({ identity: odd as never, key, now })).rejects.toThrow(TypeError)
    }
  })

  test('refuses the ID of a trust domain, which names no workload (X509-7)', async () => {
    const spiffeId = parseSpiffeId('spiffe://cluster.local')
    await expect(issuer.issue({ identity: { spiffeId }, key: newKey(), now })).rejects.toEqual(
      code('CERT_SPIFFE_ID_WITHOUT_PATH'),
    )
  })

  test('stops with the reason of its signal', async () => {
    const stop = new AbortController()
    const reason = new Error('the caller is gone')
    let asked = 0
    const signer: Signer = {
      ...ca.signer,
      sign: (message, { signal } = {}) => {
        if (asked++ === 0) return ca.signer.sign(message)
        stop.abort(reason)
        return Promise.reject(signal?.reason)
      },
    }
    const remote = await createIssuer({ ...ca, signer, now })
    await expect(remote.issue({ identity, key: newKey(), now, signal: stop.signal })).rejects.toBe(reason)
  })

  test('does not begin when its signal has already ended', async () => {
    const reason = new Error('too late')
    const signal = AbortSignal.abort(reason)
    await expect(issuer.issue({ identity, key: newKey(), now, signal })).rejects.toBe(reason)
  })

  test('reads and verifies one leaf in so many before it is released (ISS-5)', async () => {
    const verifier = countingVerifier()
    const checked = await createIssuer({ ...ca, now }, { verifier, selfCheckInterval: 3 })
    const counts: number[] = []
    for (let leaf = 0; leaf < 7; leaf++) {
      const before = verifier.count()
      await checked.issue({ identity, key: newKey(), now })
      counts.push(verifier.count() - before)
    }
    expect(counts).toEqual([0, 0, 1, 0, 0, 1, 0])
  })

  test('does not release a leaf that does not verify', async () => {
    const stranger = newSigner()
    let asked = 0
    const sign = (message: Uint8Array) => (asked++ === 0 ? ca.signer : stranger).sign(message)
    const checked = await createIssuer({ ...ca, signer: { ...ca.signer, sign }, now }, { selfCheckInterval: 1 })
    const refusal = checked.issue({ identity, key: newKey(), now })
    await expect(refusal).rejects.toMatchObject({
      code: 'CERT_SELF_CHECK_FAILED',
      cause: { code: 'CERT_SIGNATURE_INVALID' },
    })
  })
})
