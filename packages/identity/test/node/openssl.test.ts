import { X509Certificate } from 'node:crypto'
import { dualProfile, linkerdProfile, spiffeProfile, statusOf } from '@meshid/identity'
import { serviceAccount, spiffeIdOf } from '@meshid/spiffe-id'
import { openssl } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { accountOf, bytes, createWorld, mesh, refusalOf, trustDomain, webLinkerdName, webSpiffeId } from '../world.ts'

const linkerd = linkerdProfile(mesh)

/** A CSR as an operator would make it by hand, for the Linkerd name of `web`. */
async function opensslCsr(key: readonly string[]): Promise<Uint8Array> {
  const names = ['-subj', '/', '-addext', `subjectAltName=DNS:${webLinkerdName}`]
  const keyOut = ['-nodes', '-keyout', '/dev/null']
  const { stdout, stderr, code } = await openssl([
    'req',
    '-new',
    '-newkey',
    ...key,
    ...keyOut,
    ...names,
    '-outform',
    'DER',
  ])
  if (code !== 0) throw new Error(stderr)
  return stdout
}

describe('a CSR by openssl', () => {
  test.each([
    ['P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['Ed25519', ['ed25519']],
  ])('for %s becomes a leaf that openssl reads', async (_name, key) => {
    const { certifier } = await createWorld({ profile: linkerd })
    const { leaf } = await certifier.certify({
      identity: webLinkerdName,
      token: bytes('web'),
      csr: await opensslCsr(key),
    })
    const { stdout } = await openssl(['x509', '-inform', 'DER', '-noout', '-ext', 'subjectAltName,basicConstraints'], {
      input: leaf,
    })
    expect(stdout.toString()).toContain(`DNS:${webLinkerdName}`)
    expect(stdout.toString()).toContain('CA:FALSE')
  })

  test.each([
    ['RSA (Q8)', ['rsa:2048']],
    ['P-224 (Q9)', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-224']],
    ['P-521 (Q9)', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ])('for %s is INVALID_ARGUMENT before any review, with a short message', async (_name, key) => {
    const { certifier, reviewed } = await createWorld({ profile: linkerd })
    const csr = await opensslCsr(key)
    const error = await refusalOf(certifier.certify({ identity: webLinkerdName, token: bytes('web'), csr }))
    expect(error.code).toBe('IDENTITY_CSR_KEY_UNSUPPORTED')
    const { status, message } = statusOf(error, linkerd)
    expect(status).toBe('INVALID_ARGUMENT')
    expect(message.length).toBeLessThan(200)
    expect(reviewed).toEqual([])
  })
})

test('openssl and Node match the DNS name of an account with dots, which has an underscore (Q28)', async () => {
  const account = serviceAccount('emojivoto', 'a.b')
  const answers = { web: accountOf(account.username, account) }
  const { certifier } = await createWorld({ profile: dualProfile(mesh), answers })
  const csr = await opensslCsr(['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'])
  const identity = spiffeIdOf(account, trustDomain).toString()
  const { leaf } = await certifier.certify({ identity, token: bytes('web'), csr })
  const name = 'a_b.emojivoto.serviceaccount.identity.linkerd.cluster.local'
  const { stdout } = await openssl(['x509', '-inform', 'DER', '-noout', '-checkhost', name], { input: leaf })
  expect(stdout.toString()).toContain('does match certificate')
  expect(new X509Certificate(leaf).checkHost(name)).toBe(name)
})

test('a leaf of the spiffe profile says to openssl what it must: one critical URI, an empty subject', async () => {
  const { certifier } = await createWorld({ profile: spiffeProfile({ trustDomain }) })
  const csr = await opensslCsr(['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'])
  const { leaf } = await certifier.certify({ identity: webSpiffeId, token: bytes('web'), csr })
  const { stdout } = await openssl(['x509', '-inform', 'DER', '-noout', '-subject', '-ext', 'subjectAltName'], {
    input: leaf,
  })
  expect(stdout.toString().replaceAll(/\s+/g, ' ').trim()).toBe(
    `subject= X509v3 Subject Alternative Name: critical URI:${webSpiffeId}`,
  )
})
