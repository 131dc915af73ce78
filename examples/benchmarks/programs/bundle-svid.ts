import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { printResult, ratioOf } from '../src/result.ts'

/** What is used of esbuild; it comes with tsup, which builds the packages. */
interface Esbuild {
  build(options: unknown): Promise<{ readonly outputFiles: readonly { readonly contents: Uint8Array }[] }>
}

const fromRoot = createRequire(new URL('../../../package.json', import.meta.url))
const esbuild: Esbuild = createRequire(fromRoot.resolve('tsup'))('esbuild')
const here = fileURLToPath(new URL('.', import.meta.url))

/** The gzipped bytes of a program for a browser that uses these names; what is external is left out. */
async function gzippedBytes(source: string, external: readonly string[] = []): Promise<number> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir: here, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['@meshid/source'],
    external,
    write: false,
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length
}

const ours = `
  import { checkSvidLeaf, createTrustAnchors, parseCertificate, verifyChain } from '@meshid/certificate'
  export const verifySvid = (ders, anchors, now, verifier) => {
    const trustAnchors = createTrustAnchors(anchors.map((der) => parseCertificate(der)))
    const chain = ders.map((der) => parseCertificate(der))
    verifyChain({ chain, trustAnchors, now, purpose: 'leaf' }, { verifier })
    return checkSvidLeaf(chain[0])
  }`
const pkijsBytes = await gzippedBytes(`export { Certificate, CertificateChainValidationEngine } from 'pkijs'`)
const row = (name: string, bytes: number) => ({ name, amount: bytes / 1000, ratio: bytes / pkijsBytes })
const outcomes = [
  row('pkijs: Certificate and CertificateChainValidationEngine', pkijsBytes),
  row('meshid: parseCertificate, verifyChain, checkSvidLeaf', await gzippedBytes(ours)),
  row('of it without noble, which is the default verifier', await gzippedBytes(ours, ['@noble/*'])),
]
printResult({
  title: 'A bundle for a browser that reads and validates an SVID',
  unit: 'kB, minified and gzipped',
  outcomes,
  values: { T12: ratioOf(outcomes, 'meshid') },
})
