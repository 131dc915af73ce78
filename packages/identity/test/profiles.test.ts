import { parseCertificate, spiffeIdOfCertificate } from '@meshid/certificate'
import { dualProfile, linkerdProfile, type Profile, spiffeProfile, statusOf } from '@meshid/identity'
import { parseTrustDomain, serviceAccount, spiffeIdOf, SpiffeIdError } from '@meshid/spiffe-id'
import { describe, expect, test } from 'vitest'
import { dnsName, emailAddress, forgeCsr, ipAddress, uri } from './forge-csr.ts'
import {
  accountOf,
  bytes,
  createWorld,
  mesh,
  refusalOf,
  trustDomain,
  webLinkerdName,
  webSpiffeId,
  workloadSigner as signer,
} from './world.ts'

const profiles = {
  spiffe: spiffeProfile({ trustDomain }),
  linkerd: linkerdProfile(mesh),
  dual: dualProfile(mesh),
} as const

const honest = (identity: string) =>
  forgeCsr({ signer, names: [identity.includes('/') ? uri(identity) : dnsName(identity)] })

const latin1 = (der: Uint8Array) => new TextDecoder('latin1').decode(der)

async function certify(profile: Profile, identity: string, csr = honest(identity)) {
  const world = await createWorld({ profile })
  const { leaf } = await world.certifier.certify({ identity, token: bytes('web'), csr })
  return parseCertificate(leaf)
}

describe('the names of a leaf', () => {
  test('spiffe: one URI name, nothing else, critical because the subject is empty', async () => {
    const leaf = await certify(profiles.spiffe, webSpiffeId)
    expect(leaf.subjectAltNames).toMatchObject({
      dnsNames: [],
      uris: [webSpiffeId],
      emailAddresses: [],
      ipAddresses: [],
    })
    expect(leaf.subjectAltNames?.critical).toBe(true)
    expect(leaf.subject.commonName).toBeUndefined()
    expect(spiffeIdOfCertificate(leaf).toString()).toBe(webSpiffeId)
  })

  test('linkerd: one DNS name', async () => {
    const leaf = await certify(profiles.linkerd, webLinkerdName)
    expect(leaf.subjectAltNames).toMatchObject({ dnsNames: [webLinkerdName], uris: [] })
  })

  test.each([webLinkerdName, webSpiffeId])('dual: DNS name and URI name, asked for by %s', async (identity) => {
    const leaf = await certify(profiles.dual, identity)
    expect(leaf.subjectAltNames).toMatchObject({ dnsNames: [webLinkerdName], uris: [webSpiffeId] })
    const [dns, id] = [webLinkerdName, webSpiffeId].map((name) => latin1(leaf.der).indexOf(name))
    expect(dns).toBeLessThan(Number(id))
  })
})

describe('the names in a CSR', () => {
  const strange = forgeCsr({
    signer,
    commonName: 'system:masters',
    names: [
      uri('spiffe://other/ns/a/sa/b'),
      dnsName('kubernetes.default'),
      emailAddress('a@b'),
      ipAddress(127, 0, 0, 1),
    ],
  })

  test.each([
    ['spiffe', profiles.spiffe],
    ['dual', profiles.dual],
  ])('are not looked at and not copied when a SPIFFE ID is asked for: %s (Q5)', async (_name, profile) => {
    const leaf = await certify(profile, webSpiffeId, strange)
    expect(leaf.subjectAltNames?.uris).toEqual([webSpiffeId])
    expect(latin1(leaf.der)).not.toContain('system:masters')
    expect(leaf.subjectAltNames?.emailAddresses).toEqual([])
    expect(leaf.subjectAltNames?.ipAddresses).toEqual([])
  })

  test('must be the Linkerd name when that is asked for, in dual too', async () => {
    const world = await createWorld({ profile: profiles.dual })
    const request = { identity: webLinkerdName, token: bytes('web'), csr: strange }
    expect(await refusalOf(world.certifier.certify(request))).toMatchObject({ code: 'IDENTITY_CSR_MISMATCH' })
    expect(world.reviewed).toEqual([])
  })

  test.each([undefined, '', webLinkerdName])(
    'may have the CommonName %j beside the Linkerd name',
    async (commonName) => {
      const names = [dnsName(webLinkerdName)]
      const csr = forgeCsr({ signer, names, ...(commonName === undefined ? {} : { commonName }) })
      const leaf = await certify(profiles.linkerd, webLinkerdName, csr)
      expect(leaf.subjectAltNames?.dnsNames).toEqual([webLinkerdName])
    },
  )
})

describe('a requested identity', () => {
  test.each([
    ['spiffe', webLinkerdName],
    ['spiffe', 'spiffe://cluster.local/ns/emojivoto/sa/web/'],
    ['spiffe', 'SPIFFE://cluster.local/ns/emojivoto/sa/web'],
    ['linkerd', webSpiffeId],
    ['linkerd', `${webLinkerdName}.`],
    ['linkerd', webLinkerdName.toUpperCase()],
    ['linkerd', `web.${'a'.repeat(250)}`],
    ['dual', 'spiffe://cluster.local/ns/emojivoto/sa/web?a'],
    ['linkerd', 'a_b.emojivoto.serviceaccount.identity.linkerd.cluster.local'],
    ['dual', 'a_b'.repeat(100)],
    ['dual', '_a.emojivoto.serviceaccount.identity.linkerd.cluster.local'],
    ['dual', 'a.emoji_voto.serviceaccount.identity.linkerd.cluster.local'],
    ['dual', 'a\nlevel=info msg="issued"'],
  ] as const)('of the wrong form is refused before anything else: %s, %s', async (name, identity) => {
    const world = await createWorld({ profile: profiles[name] })
    const error = await refusalOf(world.certifier.certify({ identity, token: bytes('web'), csr: bytes('x') }))
    expect(error.code).toBe('IDENTITY_NAME_INVALID')
    expect(statusOf(error, profiles[name]).status).toBe('INVALID_ARGUMENT')
    expect(world.events).toHaveLength(1)
    expect(world.reviewed).toEqual([])
  })

  test.each([
    ['spiffe', 'spiffe://cluster.local/ns/emojivoto/sa/vote'],
    ['spiffe', 'spiffe://other.local/ns/emojivoto/sa/web'],
    ['spiffe', 'spiffe://cluster.local'],
    ['linkerd', 'vote.emojivoto.serviceaccount.identity.linkerd.cluster.local'],
    ['linkerd', 'web.emojivoto.serviceaccount.identity.other.cluster.local'],
    ['dual', 'spiffe://cluster.local/ns/other/sa/web'],
    ['dual', 'web.other.serviceaccount.identity.linkerd.cluster.local'],
  ] as const)('that is not the one of the token is refused: %s, %s', async (name, identity) => {
    const world = await createWorld({ profile: profiles[name] })
    const error = await refusalOf(world.certifier.certify({ identity, token: bytes('web'), csr: honest(identity) }))
    expect(error).toMatchObject({ code: 'IDENTITY_MISMATCH', detail: { requested: identity } })
    expect(error.detail.found).toBe(name === 'linkerd' || !identity.includes('/') ? webLinkerdName : webSpiffeId)
    expect(statusOf(error, profiles[name]).status).toBe('FAILED_PRECONDITION')
    expect(world.reviewed).toEqual(['web'])
  })
})

describe('an account whose name has dots (Q28)', () => {
  const dotted = serviceAccount('emojivoto', 'a.b')
  const answers = { web: accountOf(dotted.username, dotted) }
  const identity = spiffeIdOf(dotted, trustDomain).toString()

  test('has a SPIFFE ID', async () => {
    const world = await createWorld({ profile: profiles.spiffe, answers })
    const { leaf } = await world.certifier.certify({ identity, token: bytes('web'), csr: honest(identity) })
    expect(spiffeIdOfCertificate(parseCertificate(leaf)).toString()).toBe(identity)
  })

  const encoded = 'a_b.emojivoto.serviceaccount.identity.linkerd.cluster.local'
  const raw = 'a.b.emojivoto.serviceaccount.identity.linkerd.cluster.local'

  test.each([identity, encoded])('has a DNS name with an underscore in dual, asked for by %s', async (name) => {
    const world = await createWorld({ profile: profiles.dual, answers })
    const { leaf } = await world.certifier.certify({ identity: name, token: bytes('web'), csr: honest(name) })
    const { subjectAltNames } = parseCertificate(leaf)
    expect(subjectAltNames).toMatchObject({ dnsNames: [encoded], uris: [identity] })
  })

  test('is refused in linkerd in the words of Linkerd, and the reason is told to the observer', async () => {
    const world = await createWorld({ profile: profiles.linkerd, answers })
    const error = await refusalOf(world.certifier.certify({ identity: raw, token: bytes('web'), csr: honest(raw) }))
    expect(error).toMatchObject({ code: 'IDENTITY_ACCOUNT_UNSUPPORTED', cause: { name: 'SpiffeIdError' } })
    expect(error.message).toContain('must not contain dots')
    expect(statusOf(error, profiles.linkerd)).toEqual({ status: 'INVALID_ARGUMENT', message: 'Not a label: a.b' })
  })

  test('is not called by its dots in dual: the refusal says what to ask for', async () => {
    const world = await createWorld({ profile: profiles.dual, answers })
    const error = await refusalOf(world.certifier.certify({ identity: raw, token: bytes('web'), csr: honest(raw) }))
    expect(error).toMatchObject({ code: 'IDENTITY_MISMATCH', detail: { requested: raw, found: encoded } })
  })

  test('and no DNS name at all when it is longer than a label, so dual refuses it', async () => {
    const long = serviceAccount('emojivoto', `a.${'b'.repeat(62)}`)
    const name = spiffeIdOf(long, trustDomain).toString()
    const world = await createWorld({ profile: profiles.dual, answers: { web: accountOf(long.username, long) } })
    const error = await refusalOf(world.certifier.certify({ identity: name, token: bytes('web'), csr: honest(name) }))
    expect(error).toMatchObject({ code: 'IDENTITY_ACCOUNT_UNSUPPORTED', cause: { name: 'SpiffeIdError' } })
  })
})

describe('a profile', () => {
  test('is frozen data', () => {
    for (const profile of Object.values(profiles)) {
      expect(Object.isFrozen(profile)).toBe(true)
      expect(Object.isFrozen(profile.names)).toBe(true)
    }
    expect(Object.values(profiles).map(({ name }) => name)).toEqual(['spiffe', 'linkerd', 'dual'])
  })

  test.each([
    { controlNamespace: 'Linkerd', trustDomain },
    { controlNamespace: 'linkerd', trustDomain: parseTrustDomain('cluster_local') },
    { controlNamespace: 'linkerd', trustDomain: parseTrustDomain(`${'a.'.repeat(120)}local`) },
  ])('of a mesh that can name nobody is refused at once: %s', (bad) => {
    expect(() => linkerdProfile(bad)).toThrow(SpiffeIdError)
    expect(() => dualProfile(bad)).toThrow(SpiffeIdError)
  })
})
