import { parseCertificate } from '@meshid/certificate'
import { createCsrMemory } from '@meshid/csr'
import { createCertifier, createIssuerHolder, spiffeProfile } from '@meshid/identity'
import { isSameKey, nobleVerifier } from '@meshid/keys'
import { expect, test } from 'vitest'
import { flipSignatureBit, forgeCsr } from './forge-csr.ts'
import {
  accountOf,
  bytes,
  newIssuer,
  now,
  refusalOf,
  reviewerOf,
  trustDomain,
  web,
  webSpiffeId,
  workloadSigner as signer,
} from './world.ts'

const request = { identity: webSpiffeId, token: bytes('web'), csr: forgeCsr({ signer }) }

async function rememberingCertifier() {
  const issuer = createIssuerHolder()
  issuer.replace(await newIssuer(), now)
  const { reviewer, reviewed } = reviewerOf({ web: accountOf(web.username) })
  const csrMemory = createCsrMemory({ verifier: nobleVerifier })
  const profile = spiffeProfile({ trustDomain })
  const certifier = createCertifier({ reviewer, profile, issuer, csrMemory, clock: { now: () => now } })
  return { certifier, csrMemory, reviewed }
}

test('a repeated request gets another leaf for the same key, and its token is reviewed again', async () => {
  const { certifier, csrMemory, reviewed } = await rememberingCertifier()
  const leaves = [await certifier.certify(request), await certifier.certify(request)].map(({ leaf }) =>
    parseCertificate(leaf),
  )
  expect([csrMemory.hits, csrMemory.misses]).toEqual([1, 1])
  expect(reviewed).toEqual(['web', 'web'])
  expect(leaves.every(({ publicKey }) => isSameKey(publicKey, signer.key.publicKey))).toBe(true)
  expect(new Set(leaves.map(({ serialNumber }) => serialNumber)).size).toBe(2)
})

test('a remembered request opens nothing to another token or another name', async () => {
  const { certifier, csrMemory } = await rememberingCertifier()
  await certifier.certify(request)
  const stranger = await refusalOf(certifier.certify({ ...request, token: bytes('stranger') }))
  expect(stranger.code).toBe('IDENTITY_TOKEN_UNAUTHENTICATED')
  const other = await refusalOf(certifier.certify({ ...request, identity: 'spiffe://cluster.local/ns/a/sa/b' }))
  expect(other.code).toBe('IDENTITY_MISMATCH')
  expect(csrMemory.hits).toBe(2)
})

test('Q1: a request whose signature has a flipped bit is refused each time', async () => {
  const { certifier, csrMemory } = await rememberingCertifier()
  await certifier.certify(request)
  const csr = flipSignatureBit(request.csr)
  for (let attempt = 0; attempt < 2; attempt++) {
    expect((await refusalOf(certifier.certify({ ...request, csr }))).code).toBe('IDENTITY_CSR_UNPROVEN')
  }
  expect([csrMemory.hits, csrMemory.size]).toEqual([0, 1])
})
