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

/** The gzipped bytes of a program for a browser that has these exports. */
async function gzippedBytes(source: string): Promise<number> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir: here, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['@meshid/source'],
    write: false,
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length
}

/** Reads and verifies plain SVIDs of a trust domain; whose cryptography counts, the caller says. */
const direct = `
  export { parseTrustDomain } from '@meshid/spiffe-id'
  export { createDirectVerifier } from '@meshid/svid/direct'`
/** The same for every SVID, with the reasons of refusals. */
const verifySvid = `
  export { parseCertificate } from '@meshid/certificate'
  export { parseTrustDomain } from '@meshid/spiffe-id'
  export { verifySvid } from '@meshid/svid'
  export { createTrustBundle, createTrustBundleSet } from '@meshid/trust-bundle'`
const verifyChain = `export { createTrustAnchors, parseCertificate, verifyChain } from '@meshid/certificate'`
const noble = `export { nobleVerifier } from '@meshid/keys'`
const pkijsBytes = await gzippedBytes(`export { Certificate, CertificateChainValidationEngine } from 'pkijs'`)
const row = (name: string, bytes: number) => ({ name, amount: bytes / 1000, ratio: bytes / pkijsBytes })
const outcomes = [
  row('pkijs: Certificate, CertificateChainValidationEngine', pkijsBytes),
  row('meshid: createDirectVerifier', await gzippedBytes(direct)),
  row('meshid: verifySvid and what it takes', await gzippedBytes(verifySvid)),
  row('meshid: parseCertificate, verifyChain', await gzippedBytes(verifyChain)),
  row('meshid: createDirectVerifier with nobleVerifier', await gzippedBytes(`${direct}\n${noble}`)),
  row('meshid: verifySvid with nobleVerifier', await gzippedBytes(`${verifySvid}\n${noble}`)),
]
printResult({
  title: 'A bundle for a browser that reads and validates an SVID',
  unit: 'kB, minified and gzipped',
  outcomes,
  values: { T12: ratioOf(outcomes, 'meshid: createDirectVerifier') },
})
