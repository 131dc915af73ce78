import {
  checkSvidLeaf,
  createIssuer,
  createTrustAnchors,
  DEFAULT_CLOCK_SKEW_MS,
  MAX_CHAIN_CERTIFICATES,
  parseCertificate,
  parseCertificates,
  encodeCertificatePem,
  spiffeIdOfCertificate,
  verifyChain,
} from '@meshid/certificate'
import { encodeNull, oids } from '@meshid/der'
import { nobleVerifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import { createCa, now as caNow, newKey, webId } from './ca.ts'
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
  subjectAltName,
  uriName,
  usage,
} from './forge.ts'
import { codeOf } from './refusal.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'
const uri = (text: string): Uint8Array => generalName(6, text)
const root = authority('root')
const issuer = authority('issuer', { by: root, pathLength: 0 })
const signs = keyUsage(usage.digitalSignature)

/** What a validator of SVIDs does with a chain: the form of the leaf, then its path. */
function accept(links: readonly Link[], anchors: readonly Link[] = [root], at: Date = now) {
  const [first] = links
  if (first === undefined) throw new Error('expected a leaf')
  checkSvidLeaf(first.certificate)
  const chain = links.map(({ certificate }) => certificate)
  const trustAnchors = createTrustAnchors(anchors.map(({ certificate }) => certificate))
  return verifyChain({ chain, trustAnchors, now: at, purpose: 'leaf' }, { verifier: nobleVerifier })
}

function refuse(...links: readonly Link[]): string {
  return codeOf(() => accept(links))
}

const svid = (...extensions: readonly Uint8Array[]): Link => leaf(id, { by: issuer, extensions })
const isAccepted = (link: Link): boolean => accept([link, issuer]).path.length === 3

describe('the ID', () => {
  test('X509-1, X509-2, X509-3: exactly one URI name, whatever its scheme; no other name is an ID', () => {
    expect(isAccepted(svid(signs, uriName(id)))).toBe(true)
    expect(refuse(svid(signs, uriName(id, 'https://td.test/')), issuer)).toBe('CERT_MULTIPLE_URI_NAMES')
    expect(refuse(svid(signs, subjectAltName([generalName(2, 'td.test')], true)), issuer)).toBe('CERT_NO_SPIFFE_ID')
  })

  test('X509-4: other names do not matter', () => {
    const names = [generalName(2, 'web.test'), uri(id), generalName(7, Uint8Array.of(10, 0, 0, 1))]
    expect(isAccepted(svid(signs, subjectAltName(names, true)))).toBe(true)
  })

  test('X509-5: raw octets are judged, so what a URL parser forgives is refused and what it mangles is kept', () => {
    for (const text of ['SPIFFE://td.test/w', 'spiffe://td.test/w#', 'spiffe://td.test/a/../w']) {
      expect(refuse(svid(signs, uriName(text)), issuer)).toBe('CERT_SPIFFE_ID_INVALID')
    }
    expect(isAccepted(svid(signs, uriName('spiffe://a..b/w')))).toBe(true)
  })
})

describe('leaves and signing certificates', () => {
  test('X509-6, X509-13: only a leaf authenticates', () => {
    const ca = authority('ca', { by: root, more: [uriName(id)] })
    expect(refuse(ca)).toBe('CERT_LEAF_IS_CA')
    expect(
      codeOf(() =>
        verifyChain(
          {
            chain: [ca.certificate],
            trustAnchors: createTrustAnchors([root.certificate]),
            now,
            purpose: 'leaf-client',
          },
          { verifier: nobleVerifier },
        ),
      ),
    ).toBe('CERT_LEAF_IS_CA')
  })

  test('X509-7: the ID of a leaf has a path', () => {
    expect(refuse(svid(signs, uriName('spiffe://td.test')), issuer)).toBe('CERT_SPIFFE_ID_WITHOUT_PATH')
  })

  test('X509-8: with an empty subject the name is critical', async () => {
    expect(refuse(svid(signs, subjectAltName([uri(id)])), issuer)).toBe('CERT_SUBJECT_ALT_NAME_NOT_CRITICAL')
    const { subject, subjectAltNames } = await issuedLeaf()
    expect([subject.isEmpty, subjectAltNames?.critical]).toEqual([true, true])
  })

  test('X509-9, X509-10, X509-11: whether a CA has an ID, with a path or in another trust domain, does not matter', () => {
    for (const uris of [[], ['spiffe://td.test'], ['spiffe://td.test/'], ['spiffe://other.test/ca'], ['urn:x']]) {
      const more = uris.length === 0 ? [] : [uriName(...uris)]
      const anchor = authority('root', { more })
      const middle = authority('issuer', { by: anchor, more })
      expect(accept([leaf(id, { by: middle }), middle], [anchor]).path).toHaveLength(3)
    }
  })

  test('X509-12: a signing certificate issues others', () => {
    const lower = authority('lower', { by: authority('upper', { by: root }) })
    expect(accept([leaf(id, { by: lower }), lower, authority('upper', { by: root })]).path).toHaveLength(4)
  })

  test('X509-14: it has both cA and keyCertSign', () => {
    for (const [extensions, code] of [
      [[basicConstraints(true)], 'CERT_NO_KEY_CERT_SIGN'],
      [[basicConstraints(true), keyUsage(usage.crlSign)], 'CERT_NO_KEY_CERT_SIGN'],
      [[keyUsage(usage.keyCertSign)], 'CERT_NOT_A_CA'],
      [[basicConstraints(false), keyUsage(usage.keyCertSign)], 'CERT_NOT_A_CA'],
    ] as const) {
      const half = authority('issuer', { by: root, extensions })
      expect(refuse(leaf(id, { by: half }), half)).toBe(code)
    }
  })
})

describe('extensions', () => {
  test('X509-15: cA is false on a leaf, and absent is false', async () => {
    expect(isAccepted(svid(signs, basicConstraints(false), uriName(id)))).toBe(true)
    expect(isAccepted(svid(signs, uriName(id)))).toBe(true)
    expect((await issuedLeaf()).basicConstraints).toEqual({ critical: true, ca: false, pathLength: undefined })
  })

  test('X509-16: path lengths are kept', () => {
    const lower = authority('lower', { by: issuer })
    expect(refuse(leaf(id, { by: lower }), lower, issuer)).toBe('CERT_PATH_LENGTH_EXCEEDED')
  })

  test('X509-17: key usage is there; it is issued critical, and accepted when it is not', async () => {
    expect(refuse(svid(uriName(id)), issuer)).toBe('CERT_LEAF_NO_DIGITAL_SIGNATURE')
    expect(isAccepted(svid(keyUsage(usage.digitalSignature, false), uriName(id)))).toBe(true)
    expect((await issuedLeaf()).keyUsage?.critical).toBe(true)
  })

  test('X509-18: a leaf has digitalSignature, and neither keyCertSign nor cRLSign', () => {
    expect(refuse(svid(keyUsage(usage.keyEncipherment), uriName(id)), issuer)).toBe('CERT_LEAF_NO_DIGITAL_SIGNATURE')
    for (const power of [usage.keyCertSign, usage.crlSign]) {
      expect(refuse(svid(keyUsage(usage.digitalSignature | power), uriName(id)), issuer)).toBe('CERT_LEAF_CAN_SIGN')
    }
  })

  test('X509-19, X509-20: a CA may also sign CRLs, a leaf may also encipher', () => {
    expect(issuer.certificate.keyUsage).toMatchObject({ keyCertSign: true, crlSign: true })
    expect(isAccepted(svid(keyUsage(usage.digitalSignature | usage.keyEncipherment), uriName(id)))).toBe(true)
  })

  test('X509-21: extended key usage may be absent or any; when it is there it allows the purpose', async () => {
    expect(isAccepted(svid(signs, uriName(id)))).toBe(true)
    expect(isAccepted(svid(signs, uriName(id), extendedKeyUsage(oids.anyExtendedKeyUsage)))).toBe(true)
    const server = svid(signs, uriName(id), extendedKeyUsage(oids.serverAuth))
    expect(refuse(server, issuer)).toBe('CERT_EXTENDED_KEY_USAGE_MISMATCH')
    expect((await issuedLeaf()).extendedKeyUsage?.purposes).toEqual(['serverAuth', 'clientAuth'])
  })

  test('X509-22: on a CA it limits what stands below, and none is issued', async () => {
    const usages = [basicConstraints(true), keyUsage(usage.keyCertSign), extendedKeyUsage(oids.codeSigning)]
    const narrow = authority('issuer', { by: root, extensions: usages })
    expect(refuse(leaf(id, { by: narrow }), narrow)).toBe('CERT_EXTENDED_KEY_USAGE_MISMATCH')
    const { root: ours, intermediate } = await createCa()
    expect([ours.extendedKeyUsage, intermediate.extendedKeyUsage]).toEqual([undefined, undefined])
  })

  test('X509-23, X509-24: URI constraints bind the host of the ID, exactly or below a period', () => {
    const below = (...permitted: readonly string[]): Link =>
      authority('issuer', { by: root, more: [nameConstraints({ permitted: permitted.map(uri) })] })
    for (const [constraint, code] of [
      ['td.test', ''],
      ['TD.test', ''],
      ['.test', ''],
      ['.td.test', 'CERT_NAME_NOT_PERMITTED'],
      ['test', 'CERT_NAME_NOT_PERMITTED'],
    ] as const) {
      const ca = below(constraint)
      const chain = [leaf(id, { by: ca }), ca]
      if (code === '') expect(accept(chain).path, constraint).toHaveLength(3)
      else expect(refuse(...chain), constraint).toBe(code)
    }
    const own = [nameConstraints({ permitted: [uri('td.test')] }), uriName('spiffe://ca.test')]
    const elsewhere = authority('issuer', { by: root, more: own })
    expect(accept([leaf(id, { by: elsewhere }), elsewhere]).path, 'not its own name').toHaveLength(3)
  })

  test('X509-25: constraints on DNS names still bind the DNS names of the same leaf', () => {
    const ca = authority('issuer', { by: root, more: [nameConstraints({ excluded: [generalName(2, 'bad.test')] })] })
    const names = subjectAltName([uri(id), generalName(2, 'a.bad.test')], true)
    expect(refuse(leaf(id, { by: ca, extensions: [signs, names] }), ca)).toBe('CERT_NAME_EXCLUDED')
    expect(accept([leaf(id, { by: ca }), ca]).path).toHaveLength(3)
  })
})

describe('validation', () => {
  test('X509-26: every certificate of the path is judged by RFC 5280', () => {
    const unknown = [extension('1.2.3.4', encodeNull(), true)]
    const old = { notBefore: hours(-9), notAfter: hours(-8) }
    const upper = authority('upper', { by: root })
    const judge = (options: object): string => {
      const ca = authority('lower', { by: upper, ...options })
      return refuse(leaf(id, { by: ca }), ca, upper)
    }
    expect(judge({ more: unknown })).toBe('CERT_UNKNOWN_CRITICAL_EXTENSION')
    expect(judge(old)).toBe('CERT_EXPIRED')
    expect(refuse(leaf(id, { by: issuer, ...old }), issuer)).toBe('CERT_EXPIRED')
    const impostor = authority('root', { key: key(91) })
    const other = authority('issuer', { by: impostor })
    expect(refuse(leaf(id, { by: other }), other)).toBe('CERT_UNKNOWN_ISSUER')
  })

  test('X509-27: scheme, path, cA, key usages and the count of URI names are checked before a leaf is trusted', () => {
    for (const [extensions, code] of [
      [[signs, uriName('https://td.test/w')], 'CERT_SPIFFE_ID_INVALID'],
      [[signs, uriName('spiffe://td.test')], 'CERT_SPIFFE_ID_WITHOUT_PATH'],
      [[signs, basicConstraints(true), uriName(id)], 'CERT_LEAF_IS_CA'],
      [[keyUsage(usage.keyCertSign), uriName(id)], 'CERT_LEAF_NO_DIGITAL_SIGNATURE'],
      [[signs, uriName(id, id)], 'CERT_MULTIPLE_URI_NAMES'],
    ] as const) {
      expect(refuse(svid(...extensions), issuer)).toBe(code)
    }
  })

  test('X509-30: the rest of a chain is a pool in any order, without trust and within a limit', () => {
    const stranger = authority('stranger')
    expect(accept([svid(signs, uriName(id)), stranger, root, issuer]).path).toHaveLength(3)
    const rogue = authority('issuer', { key: issuer.key })
    expect(refuse(leaf(id, { by: rogue }), rogue)).toBe('CERT_UNKNOWN_ISSUER')
    const many = Array.from({ length: MAX_CHAIN_CERTIFICATES }, () => issuer)
    expect(refuse(svid(signs, uriName(id)), ...many)).toBe('CERT_CHAIN_TOO_LONG')
  })

  test('X509-31: an intermediate may be an anchor', () => {
    expect(accept([svid(signs, uriName(id))], [issuer]).path).toHaveLength(2)
  })

  test('X509-32: an anchor that has expired, or is not valid yet, is none', () => {
    const old = authority('root', { notBefore: hours(-9), notAfter: hours(-8) })
    const chain = [svid(signs, uriName(id)), issuer]
    expect(codeOf(() => accept(chain, [old]))).toBe('CERT_ANCHOR_EXPIRED')
    const next = authority('root', { notBefore: hours(8), notAfter: hours(9) })
    expect(codeOf(() => accept(chain, [next]))).toBe('CERT_ANCHOR_NOT_YET_VALID')
  })

  test('X509-33: a self-signed leaf is no anchor, which is a difference to go-spiffe', () => {
    const alone = leaf(id, { by: { certificate: root.certificate, key: key(1) } })
    expect(codeOf(() => createTrustAnchors([alone.certificate]))).toBe('CERT_NOT_A_CA')
  })

  test('X509-34: what is loaded beside a leaf must be a CA with keyCertSign', () => {
    expect(codeOf(() => createTrustAnchors([svid(signs, uriName(id)).certificate]))).toBe('CERT_NOT_A_CA')
    const crlOnly = authority('ca', { extensions: [basicConstraints(true), keyUsage(usage.crlSign)] })
    expect(codeOf(() => createTrustAnchors([crlOnly.certificate]))).toBe('CERT_NO_KEY_CERT_SIGN')
  })

  test('X509-35: nothing may stand after a certificate, and no PEM block is dropped in silence', () => {
    const { der } = issuer.certificate
    expect(codeOf(() => parseCertificate(Uint8Array.of(...der, 0)))).toBe('CERT_DER_INVALID')
    expect(codeOf(() => parseCertificate(Uint8Array.of(...der, ...der)))).toBe('CERT_DER_INVALID')
    const pem = encodeCertificatePem(issuer.certificate)
    expect(codeOf(() => parseCertificates(`${pem}${pem.slice(0, -40)}`))).toBe('CERT_PEM_INVALID')
    const ignored: string[] = []
    const odd = pem.replaceAll('CERTIFICATE', 'MYSTERY')
    parseCertificates(`${odd}${pem}`, { onIgnored: ({ label }) => ignored.push(label) })
    expect(ignored).toEqual(['MYSTERY'])
  })

  test('X509-36: now is an argument, and there is no leeway', () => {
    const chain = [leaf(id, { by: issuer, notBefore: hours(0), notAfter: hours(1) }), issuer]
    const at = (ms: number): Date => new Date(hours(0).getTime() + ms)
    expect(accept(chain, [root], at(0)).path).toHaveLength(3)
    expect(codeOf(() => accept(chain, [root], at(-1)))).toBe('CERT_NOT_YET_VALID')
    expect(codeOf(() => accept(chain, [root], at(3_601_000)))).toBe('CERT_EXPIRED')
    expect(DEFAULT_CLOCK_SKEW_MS, 'leeway is for the issuer to give').toBe(10_000)
  })

  test('X509-47: equal certificates count once', () => {
    const again = parseCertificate(root.certificate.der)
    expect(createTrustAnchors([root.certificate, again]).certificates).toHaveLength(1)
  })
})

/** A leaf as this package issues it. */
async function issuedLeaf() {
  const ca = await createCa()
  const issued = await createIssuer({ ...ca, now: caNow })
  const { der } = await issued.issue({ identity: { spiffeId: webId }, key: newKey(), now: caNow })
  const certificate = parseCertificate(der)
  expect(spiffeIdOfCertificate(certificate).equals(webId)).toBe(true)
  return certificate
}
