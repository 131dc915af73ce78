import {
  checkSvidLeaf,
  createIssuer,
  createTrustAnchors,
  matchPeerName,
  parseCertificates,
  spiffeIdOfCertificate,
  verifyChain,
} from '@meshid/certificate'
import { parsePrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../refusal.ts'
import { type IssuerCase, type PathCase, readLinkerdFixtures, type SvidCase } from './linkerd-fixtures.ts'

const { testcases, issuers, svid_files: svidFiles } = readLinkerdFixtures()
const isMissing = testcases.length === 0

function verifyPath({ leaf, intermediates, roots, time, kind }: PathCase) {
  return verifyChain(
    {
      chain: [leaf, ...intermediates].flatMap((pem) => parseCertificates(pem)),
      trustAnchors: createTrustAnchors(roots.flatMap((pem) => parseCertificates(pem))),
      now: new Date(time),
      purpose: kind === 'CLIENT' ? 'leaf-client' : 'leaf-server',
    },
    { verifier: nodeVerifier },
  )
}

describe.skipIf(isMissing)('paths of Linkerd', () => {
  const isOtherName = ({ id }: PathCase) => id.endsWith('-wrong-name')

  test.each(testcases.filter((path) => path.expected_result === 'SUCCESS'))('$id: $note', (path) => {
    const { certificate } = verifyPath(path)
    expect(certificate.subjectAltNames?.dnsNames).toContain(path.peer.value)
    matchPeerName(certificate, { kind: 'dns', value: path.peer.value })
  })

  test.each(testcases.filter(isOtherName))('$id: the path is sound, the name another', (path) => {
    const { certificate } = verifyPath(path)
    expect(codeOf(() => matchPeerName(certificate, { kind: 'dns', value: path.peer.value }))).toBe(
      'CERT_PEER_NAME_MISMATCH',
    )
  })

  const codes: Readonly<Record<string, string>> = {
    'linkerd::proxy-foo-expired': 'CERT_EXPIRED',
    'linkerd::proxy-foo-early': 'CERT_NOT_YET_VALID',
  }

  test.each(testcases.filter((path) => path.expected_result === 'FAILURE' && !isOtherName(path)))(
    '$id is refused: $note',
    (path) => {
      expect(codeOf(() => verifyPath(path))).toBe(codes[path.id] ?? 'CERT_UNKNOWN_ISSUER')
    },
  )
})

/** The issuer as the identity service would load it: tried before it goes live. */
async function loadIssuer({ crt, key, trust_anchors: anchors, time }: IssuerCase) {
  const trustAnchors = createTrustAnchors(parseCertificates(anchors))
  const signer = createNodeSigner(parsePrivateKey(key))
  return createIssuer(
    { chain: parseCertificates(crt), signer, trustAnchors, now: new Date(time) },
    { verifier: nodeVerifier },
  )
}

describe.skipIf(isMissing)('issuers of Linkerd', () => {
  const codes: Readonly<Record<string, string>> = {
    expired: 'CERT_EXPIRED',
    'not-valid-yet': 'CERT_NOT_YET_VALID',
    'wrong-algo': 'CERT_UNSUPPORTED_ALGORITHM',
    'valid-crt-under-other-anchors': 'CERT_UNKNOWN_ISSUER',
    'key-of-another': 'CERT_KEY_MISMATCH',
  }

  test.each(issuers.filter(({ expected }) => expected === 'accept'))('$id goes live', async (issuer) => {
    expect((await loadIssuer(issuer)).certificate.basicConstraints?.ca).toBe(true)
  })

  test.each(issuers.filter(({ expected }) => expected === 'reject'))('$id is refused', async (issuer) => {
    await expect(loadIssuer(issuer)).rejects.toMatchObject({ code: codes[issuer.id] })
  })

  test('are eight', () => {
    expect(issuers).toHaveLength(8)
  })
})

/** The form of an own SVID, as rule X509-34 wants it when it is loaded; times and anchors come later. */
function checkSvidFile({ pem }: SvidCase) {
  const [leaf, ...intermediates] = parseCertificates(pem)
  if (leaf === undefined) throw new Error('expected a leaf')
  checkSvidLeaf(leaf)
  if (intermediates.length > 0) createTrustAnchors(intermediates)
  return { leaf, count: intermediates.length + 1 }
}

describe.skipIf(isMissing)('SVID files of go-spiffe', () => {
  const codes: Readonly<Record<string, string>> = {
    'wrong-leaf-ca-true': 'CERT_LEAF_IS_CA',
    'wrong-leaf-cert-sign': 'CERT_LEAF_CAN_SIGN',
    'wrong-leaf-crl-sign': 'CERT_LEAF_CAN_SIGN',
    'wrong-leaf-empty-id': 'CERT_NO_SPIFFE_ID',
    'wrong-leaf-no-digital-signature': 'CERT_LEAF_NO_DIGITAL_SIGNATURE',
    'wrong-intermediate-no-ca': 'CERT_NOT_A_CA',
    'wrong-intermediate-no-key-cert-sign': 'CERT_NO_KEY_CERT_SIGN',
    'corrupt-cert': 'CERT_DER_INVALID',
  }

  test.each(svidFiles.filter(({ expected }) => expected === 'accept'))('$id is accepted', (file) => {
    const { leaf, count } = checkSvidFile(file)
    expect(String(spiffeIdOfCertificate(leaf))).toBe(file.id_expected)
    expect(count).toBe(file.certificates)
  })

  test.each(svidFiles.filter(({ expected }) => expected === 'reject'))('$id is refused', (file) => {
    expect(codeOf(() => checkSvidFile(file))).toBe(codes[file.id])
  })
})
