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

/** What a program for browsers has in it that is made of this source, as if it were written in the folder of a package. */
async function bundle(room: string, contents: string) {
  if (esbuild === undefined) throw new Error('expected esbuild')
  const conditions = process.env['TEST_TARGET'] === 'dist' ? [] : ['@meshid/source']
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents, loader: 'ts', resolveDir: fileURLToPath(new URL(`../../../${room}`, import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    conditions,
  })
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return {
    gzipped: gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length,
    inputs: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  }
}

type Bundle = Awaited<ReturnType<typeof bundle>>

/** How many bytes of the bundle each package has, before it is compressed. */
function byPackage({ inputs }: Bundle): string {
  const bytes = new Map<string, number>()
  for (const [path, { bytesInOutput }] of inputs) {
    const name = /packages\/([^/]+)\//.exec(path)?.[1] ?? path
    bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
  }
  const largestFirst = [...bytes].toSorted(([, one], [, other]) => other - one)
  return largestFirst.map(([name, count]) => `${name} ${count}`).join(', ')
}

/** Reads and verifies: from DER, by authorities of parsed certificates, with whoever's cryptography the caller hands over. */
const validation = `
  export { parseCertificate } from '@meshid/certificate'
  export { parseTrustDomain } from '@meshid/spiffe-id'
  export { verifySvid } from '@meshid/svid'
  export { createTrustBundle, createTrustBundleSet } from '@meshid/trust-bundle'`

/** The rules take this much, and what a refusal says of them; without any text it would still be a fifth. */
const MAX_SHARE = 1 / 4

describe.skipIf(esbuild === undefined)('a bundle that parses, verifies and validates an SVID', () => {
  test('has neither cryptography in it that nobody asked for, nor what issues, explains, or writes DER for pkijs', async () => {
    const { inputs } = await bundle('svid', validation)
    const files = inputs.map(([path]) => path)
    const needless = /noble|pkijs|asn1js|pvtsutils|codec\.ts|\/src\/(?:issue|explain)\/|check-evidence|explain-svid/
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((path) => needless.test(path))).toEqual([])
  })

  test('is a quarter of the two classes of pkijs (T12)', async () => {
    const own = await bundle('svid', validation)
    const pkijs = await bundle('certificate', `export { Certificate, CertificateChainValidationEngine } from 'pkijs'`)
    const share = own.gzipped / pkijs.gzipped
    const lines = [
      `T12: ${own.gzipped} bytes gzipped, ${share.toFixed(3)} of the ${pkijs.gzipped} of pkijs`,
      `  before compression: ${byPackage(own)}`,
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
    expect(share).toBeLessThan(MAX_SHARE)
  })
})
