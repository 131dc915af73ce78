import {
  contextTag,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import { encodeSignatureAlgorithm, type LocalSigner } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import type { CertifyRequest } from '@meshid/rpc'
import { type KubernetesApi, type NewToken, openssl } from '@meshid/testkit'
import { web, webLinkerdName } from '../world.ts'

/** What a CSR says, sensible or not. */
export interface DraftCsr {
  readonly commonName?: string
  readonly dnsNames: readonly string[]
  readonly emailAddresses: readonly string[]
  readonly ipAddresses: readonly (readonly number[])[]
  readonly uris: readonly string[]
  /** Other kinds are made by openssl, with the DNS names alone. */
  readonly key: 'P-256' | 'RSA' | 'P-521'
  /** What is done to the bytes at last. */
  readonly damage?: 'empty' | 'not DER' | 'trailing byte' | 'flipped signature bit'
}

/** A request before its token and its CSR are made; each row of the contract changes it. */
export interface Draft {
  readonly identity: string
  /** A real token of the stand-in, or these words in place of one. */
  readonly token: NewToken | string
  readonly csr: DraftCsr
}

/** A request of emojivoto/web in which all is in order. */
export const goodDraft: Draft = {
  identity: webLinkerdName,
  token: { ...web, podName: 'web-1' },
  csr: { dnsNames: [webLinkerdName], emailAddresses: [], ipAddresses: [], uris: [], key: 'P-256' },
}

/** A change of the CSR alone. */
export const csr =
  (change: Partial<DraftCsr>) =>
  (draft: Draft): Draft => ({ ...draft, csr: { ...draft.csr, ...change } })

/** Makes the request: a fresh token, and a CSR that says what the draft says. */
export async function requestOf({ identity, token, csr: wanted }: Draft, api: KubernetesApi): Promise<CertifyRequest> {
  const text = typeof token === 'string' ? token : await api.createToken(token)
  const certificateSigningRequest = damaged(await encodeCsr(wanted), wanted.damage)
  return { identity, token: new TextEncoder().encode(text), certificateSigningRequest }
}

const signer = createNodeSigner(generateNodePrivateKey('P-256'))

async function encodeCsr(wanted: DraftCsr): Promise<Uint8Array> {
  return wanted.key === 'P-256' ? forgeCsr(wanted, signer) : opensslCsr(wanted)
}

/** Put together by hand, so that it can say what no honest builder would; its signature is good. */
function forgeCsr({ commonName, ...names }: DraftCsr, by: LocalSigner): Uint8Array {
  const text = (tag: number) => (value: string) => encodeElement(contextTag(tag), new TextEncoder().encode(value))
  const alternatives = [
    ...names.emailAddresses.map(text(1)),
    ...names.dnsNames.map(text(2)),
    ...names.uris.map(text(6)),
    ...names.ipAddresses.map((octets) => encodeElement(contextTag(7), Uint8Array.from(octets))),
  ]
  const subject =
    commonName === undefined
      ? encodeSequence()
      : encodeSequence(encodeSet(encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))))
  const extension = encodeSequence(encodeOid(oids.subjectAltName), encodeOctetString(encodeSequence(...alternatives)))
  const attribute = encodeSequence(encodeOid(oids.extensionRequest), encodeSet(encodeSequence(extension)))
  const attributes = alternatives.length === 0 ? encodeExplicit(0) : encodeExplicit(0, attribute)
  const info = encodeSequence(encodeInteger(0), subject, by.key.spki, attributes)
  return encodeSequence(info, encodeSignatureAlgorithm(by.signatureAlgorithm), encodeBitString(by.sign(info)))
}

async function opensslCsr({ key, dnsNames }: DraftCsr): Promise<Uint8Array> {
  const kind = key === 'RSA' ? ['rsa:2048'] : ['ec', '-pkeyopt', `ec_paramgen_curve:${key}`]
  const names = ['-subj', '/', '-addext', `subjectAltName=${dnsNames.map((name) => `DNS:${name}`).join(',')}`]
  const args = ['req', '-new', '-nodes', '-keyout', '/dev/null', '-outform', 'DER', ...names, '-newkey', ...kind]
  const { stdout, stderr, code } = await openssl(args)
  if (code !== 0) throw new Error(stderr)
  return new Uint8Array(stdout)
}

function damaged(der: Uint8Array, damage: DraftCsr['damage']): Uint8Array {
  if (damage === 'empty') return new Uint8Array()
  if (damage === 'not DER') return new TextEncoder().encode('not DER')
  if (damage === 'trailing byte') return Uint8Array.of(...der, 0)
  return damage === undefined ? der : der.with(der.length - 1, (der.at(-1) ?? 0) ^ 1)
}
