import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

/** The little of esbuild's interface that is used here. */
interface Esbuild {
  build(options: object): Promise<{
    readonly outputFiles: readonly { readonly contents: Uint8Array }[]
    readonly metafile: {
      readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, BundledInput>> }>>
    }
  }>
}

interface BundledInput {
  readonly bytesInOutput: number
}

/** The builder of this project brings it along; elsewhere it may be missing. */
function findEsbuild(): Esbuild | undefined {
  try {
    const builder = createRequire(import.meta.url).resolve('tsup')
    return createRequire(builder)('esbuild')
  } catch {
    process.stderr.write('esbuild is not there: the size of bundles is not measured\n')
    return undefined
  }
}

const esbuild = findEsbuild()

async function bundle(contents: string, external: readonly string[] = []) {
  if (esbuild === undefined) throw new Error('expected esbuild')
  const conditions = process.env['TEST_TARGET'] === 'dist' ? [] : ['@meshid/source']
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents, loader: 'ts', resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    conditions,
    external,
  })
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return {
    gzipped: gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length,
    files: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
  }
}

const validation = `export {
  checkSvidLeaf, createTrustAnchors, parseCertificate, spiffeIdOfCertificate, verifyChain
} from '@meshid/certificate'`

describe.skipIf(esbuild === undefined)('a bundle that parses, verifies and validates an SVID', () => {
  test('has neither pkijs nor asn1js in it, nor anything that issues', async () => {
    const { files } = await bundle(validation)
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((path) => /pkijs|asn1js|pvtsutils|\/codec\.ts|\/src\/issue\//.test(path))).toEqual([])
  })

  test('is smaller than the two classes of pkijs, with cryptography in it and without (T12)', async () => {
    const [whole, own, pkijs] = await Promise.all([
      bundle(validation),
      bundle(validation, ['@noble/*']),
      bundle(`export { Certificate, CertificateChainValidationEngine } from 'pkijs'`),
    ])
    const line = (what: string, { gzipped }: { readonly gzipped: number }) =>
      `  ${(gzipped / pkijs.gzipped).toFixed(2)}  ${gzipped} bytes  ${what}`
    const lines = [
      'T12, gzipped, over pkijs:',
      line('meshid with P-256, P-384 and Ed25519 of noble', whole),
      line('meshid without cryptography, which pkijs leaves to the platform', own),
      line('pkijs: Certificate and CertificateChainValidationEngine', pkijs),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
    expect(own.gzipped / pkijs.gzipped).toBeLessThan(1 / 3)
    expect(whole.gzipped / pkijs.gzipped).toBeLessThan(2 / 3)
  })
})
