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

/** Reads, verifies and validates plain SVIDs, with whoever's cryptography the caller hands over. */
const direct = `
  export { parseTrustDomain } from '@meshid/spiffe-id'
  export { createDirectVerifier } from '@meshid/svid/direct'`

/** The same for all SVIDs, with reasons: from DER, by authorities of parsed certificates. */
const general = `
  export { parseCertificate } from '@meshid/certificate'
  export { parseTrustDomain } from '@meshid/spiffe-id'
  export { verifySvid } from '@meshid/svid'
  export { createTrustBundle, createTrustBundleSet } from '@meshid/trust-bundle'`

const pkijs = `export { Certificate, CertificateChainValidationEngine } from 'pkijs'`

/** What issues, explains, or writes DER for pkijs, and cryptography that nobody asked for; in the sources and in the build. */
const needless =
  /noble|pkijs|asn1js|pvtsutils|codec\.[jt]s|\/(?:src|dist)\/(?:issue|explain)\/|check-evidence|explain-svid/

describe.skipIf(esbuild === undefined)('a bundle that parses, verifies and validates an SVID', () => {
  test('has neither cryptography in it that nobody asked for, nor what issues, explains, or writes DER for pkijs', async () => {
    for (const contents of [direct, general]) {
      const { inputs } = await bundle('svid', contents)
      const files = inputs.map(([path]) => path)
      expect(files.length).toBeGreaterThan(10)
      expect(files.filter((path) => needless.test(path))).toEqual([])
    }
  })

  test('has nothing of the general validator in it when it is the direct one', async () => {
    const { inputs } = await bundle('svid', direct)
    const others = /packages\/(?:certificate|trust-bundle)\/|\/(?:src|dist)\/verify-svid/
    expect(inputs.map(([path]) => path).filter((path) => others.test(path))).toEqual([])
  })

  test.each([
    // Its rules take this much, and what a refusal says of them; without any text it would still be a fifth.
    { name: 'verifySvid, which decides everything and says why', contents: general, most: 1 / 4 },
    { name: 'createDirectVerifier, which decides what is plain (T12)', contents: direct, most: 1 / 8 },
  ])('is at most $most of the two classes of pkijs: $name', async ({ name, contents, most }) => {
    const own = await bundle('svid', contents)
    const theirs = await bundle('certificate', pkijs)
    const share = own.gzipped / theirs.gzipped
    const lines = [
      `${name}: ${own.gzipped} bytes gzipped, ${share.toFixed(4)} of the ${theirs.gzipped} of pkijs`,
      `  before compression: ${byPackage(own)}`,
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
    expect(share).toBeLessThanOrEqual(most)
  })
})
