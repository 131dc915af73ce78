import { createRequire } from 'node:module'
import { LEAF_LIFETIME_MS, leafUri, type PeerCa } from './peer-ca.ts'

interface JsrsasignKey {
  readonly pubKeyHex: string
}

/** What is used of jsrsasign, which comes without types. */
interface Jsrsasign {
  readonly KEYUTIL: {
    generateKeypair(kind: 'EC', curve: string): { readonly prvKeyObj: JsrsasignKey; readonly pubKeyObj: JsrsasignKey }
    getKey(parameters: unknown): JsrsasignKey
  }
  readonly hextopem: (hex: string, label: string) => string
  readonly KJUR: {
    readonly asn1: {
      readonly csr: {
        readonly CSRUtil: {
          getParam(pem: string): { readonly sbjpubkey: string }
          verifySignature(pem: string): boolean
        }
      }
      readonly x509: {
        readonly Certificate: new (parameters: unknown) => { getEncodedHex(): string }
      }
    }
  }
}

const zulu = (timeMs: number): string =>
  `${new Date(timeMs)
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, '')
    .slice(2, 14)}Z`

/** A CA with jsrsasign, whose arithmetic is its own. */
export function createJsrsasignCa(): PeerCa {
  const { KEYUTIL, KJUR, hextopem }: Jsrsasign = createRequire(import.meta.url)('jsrsasign')
  const { prvKeyObj: cakey, pubKeyObj: capub } = KEYUTIL.generateKeypair('EC', 'secp256r1')
  const issuer = { str: '/CN=identity.linkerd.cluster.local' }
  return {
    issue(der) {
      const pem = hextopem(Buffer.from(der).toString('hex'), 'CERTIFICATE REQUEST')
      const { CSRUtil } = KJUR.asn1.csr
      const { sbjpubkey } = CSRUtil.getParam(pem)
      if (!CSRUtil.verifySignature(pem)) throw new Error('expected a CSR that verifies')
      const now = Date.now()
      const leaf = new KJUR.asn1.x509.Certificate({
        version: 3,
        serial: { hex: `7${crypto.randomUUID().replaceAll('-', '').slice(1)}` },
        issuer,
        subject: { array: [] },
        notbefore: zulu(now - 10_000),
        notafter: zulu(now + LEAF_LIFETIME_MS),
        sbjpubkey,
        ext: [
          { extname: 'keyUsage', critical: true, names: ['digitalSignature'] },
          { extname: 'extKeyUsage', array: ['serverAuth', 'clientAuth'] },
          { extname: 'basicConstraints', critical: true, cA: false },
          { extname: 'subjectKeyIdentifier', kid: KEYUTIL.getKey(sbjpubkey) },
          { extname: 'authorityKeyIdentifier', kid: capub },
          { extname: 'subjectAltName', critical: true, array: [{ uri: leafUri }] },
        ],
        sigalg: 'SHA256withECDSA',
        cakey,
      })
      return { der: Buffer.from(leaf.getEncodedHex(), 'hex'), notAfter: new Date(now + LEAF_LIFETIME_MS) }
    },
  }
}
