import {
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  parseCertificate,
} from '@meshid/certificate'
import { createCsrMemory } from '@meshid/csr'
import {
  type Certifier,
  createCertifier,
  createIssuerHolder,
  dualProfile,
  IdentityError,
  linkerdProfile,
  type Profile,
  spiffeProfile,
} from '@meshid/identity'
import { type AsyncVerifier, createNobleSigner, generatePrivateKey, type Verifier } from '@meshid/keys'
import { createNodeSigner, createVerifierThreads, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { afterAll, expect, test } from 'vitest'
import { dnsName, emailAddress, flipSignatureBit, forgeCsr, uri } from '../forge-csr.ts'
import { accountOf, bytes, mesh, now, reviewerOf, trustDomain, web, webLinkerdName, webSpiffeId } from '../world.ts'

const threads = createVerifierThreads()
afterAll(() => threads.close())
const atOnce = createNodeSigner(generateNodePrivateKey())
const rootSigner = createNodeSigner(generateNodePrivateKey())
const root = await createRootCertificate({ signer: rootSigner, commonName: 'root', now })
const certificate = await createIntermediateCertificate({
  issuer: { chain: [root], signer: rootSigner },
  key: atOnce.key,
  commonName: 'identity',
  now,
})

/** Two certifiers of one CA: one that verifies at once, one that does it in threads. */
async function bothCertifiers(profile: Profile): Promise<readonly [Certifier, Certifier]> {
  const certifierOf = async ({ verifier }: { verifier: Verifier | AsyncVerifier }) => {
    const issuer = createIssuerHolder()
    const source = { chain: [certificate], signer: atOnce, trustAnchors: createTrustAnchors([root]), now }
    issuer.replace(await createIssuer(source, { verifier: nodeVerifier }), now)
    const { reviewer } = reviewerOf({ web: accountOf(web.username) })
    return createCertifier({
      reviewer,
      profile,
      issuer,
      csrMemory: createCsrMemory({ verifier }),
      clock: { now: () => now },
    })
  }
  return [await certifierOf({ verifier: nodeVerifier }), await certifierOf(threads)]
}

/** All that a caller learns, but what differs from leaf to leaf. */
async function outcomeOf(answer: Promise<Awaited<ReturnType<Certifier['certify']>>>): Promise<unknown> {
  try {
    const { leaf, intermediates, validUntil } = await answer
    const { publicKey, subjectAltNames, notBefore, notAfter } = parseCertificate(leaf)
    return { key: publicKey.spki, subjectAltNames, notBefore, notAfter, intermediates, validUntil }
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error
    const { code, message, detail } = error
    return { code, message, detail }
  }
}

const signer = createNobleSigner(generatePrivateKey())
const good = forgeCsr({ signer, commonName: webLinkerdName, names: [dnsName(webLinkerdName)] })

function offCurve(): Uint8Array {
  const csr = Uint8Array.from(good)
  const point = Buffer.from(csr).indexOf(Buffer.from(signer.key.spki)) + signer.key.spki.length - 1
  csr[point] = (csr[point] ?? 0) ^ 1
  return csr
}

const csrs: Readonly<Record<string, Uint8Array>> = {
  good,
  'without names': forgeCsr({ signer }),
  'with a URI': forgeCsr({ signer, names: [uri(webSpiffeId)] }),
  'with a mail address': forgeCsr({ signer, names: [dnsName(webLinkerdName), emailAddress('a@b')] }),
  'for another name': forgeCsr({ signer, names: [dnsName('other.example')] }),
  'of P-384': forgeCsr({ signer: createNobleSigner(generatePrivateKey('P-384')), names: [dnsName(webLinkerdName)] }),
  'of Ed25519': forgeCsr({ signer: createNobleSigner(generatePrivateKey('Ed25519')) }),
  'of another signer': forgeCsr({ signer: { ...signer, sign: (message) => atOnce.sign(message) } }),
  'with a flipped bit': flipSignatureBit(good),
  'with a point off its curve': offCurve(),
  cut: good.subarray(0, -1),
  longer: Uint8Array.of(...good, 0),
  huge: new Uint8Array(20_000),
  empty: new Uint8Array(),
}

test.each([
  ['spiffe', spiffeProfile({ trustDomain })],
  ['linkerd', linkerdProfile(mesh)],
  ['dual', dualProfile(mesh)],
] as const)('Q1: in threads every request has the outcome that it has at once: %s', async (_, profile) => {
  const [sync, later] = await bothCertifiers(profile)
  const codes = new Set<unknown>()
  for (const identity of [webSpiffeId, webLinkerdName, 'spiffe://cluster.local/ns/a/sa/b', 'no name', '']) {
    for (const token of ['web', 'stranger', '']) {
      for (const csr of Object.values(csrs)) {
        const request = { identity, token: bytes(token), csr }
        const expected = await outcomeOf(sync.certify(request))
        expect(await outcomeOf(later.certify(request))).toEqual(expected)
        codes.add(Object(expected).code)
      }
    }
  }
  expect([...codes]).toEqual(expect.arrayContaining([undefined, 'IDENTITY_CSR_UNPROVEN', 'IDENTITY_CSR_INVALID']))
})

test('many at once get a leaf each, for their own key', async () => {
  const [, certifier] = await bothCertifiers(spiffeProfile({ trustDomain }))
  const signers = Array.from({ length: 40 }, () => createNodeSigner(generateNodePrivateKey()))
  const answers = await Promise.all(
    signers.map((own) =>
      certifier.certify({ identity: webSpiffeId, token: bytes('web'), csr: forgeCsr({ signer: own }) }),
    ),
  )
  expect(answers.map(({ leaf }) => parseCertificate(leaf).publicKey.spki)).toEqual(signers.map(({ key }) => key.spki))
  expect([threads.running, threads.waiting]).toEqual([0, 0])
})

test('who finds the queue full is told to come back', async () => {
  const issuer = createIssuerHolder()
  const source = { chain: [certificate], signer: atOnce, trustAnchors: createTrustAnchors([root]), now }
  issuer.replace(await createIssuer(source, { verifier: nodeVerifier }), now)
  const { verifier } = createVerifierThreads({ maxWaiting: 1 })
  const profile = spiffeProfile({ trustDomain })
  const { reviewer } = reviewerOf({ web: accountOf(web.username) })
  const certifier = createCertifier({ reviewer, profile, issuer, verifier, clock: { now: () => now } })
  const request = { identity: webSpiffeId, token: bytes('web'), csr: good }
  const [first, second] = await Promise.all([certifier.certify(request), certifier.certify(request)].map(outcomeOf))
  expect(first).toMatchObject({ key: signer.key.spki })
  expect(second).toMatchObject({ code: 'IDENTITY_OVERLOADED', detail: { retryAfterMs: 2000 } })
})
