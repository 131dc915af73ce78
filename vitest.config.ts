import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

/** Packages that must behave the same in a browser, Deno and Bun as in Node. */
const portable = [
  'der',
  'spiffe-id',
  'keys',
  'csr',
  'certificate',
  'trust-bundle',
  'svid',
  'refresh',
  'token-review',
  'identity',
]
// Tests start this project's own programs hundreds of times: to compile them once halves what a start costs.
process.env['NODE_COMPILE_CACHE'] ??= new URL('node_modules/.cache/compiled', import.meta.url).pathname

/** `TEST_TARGET=dist` runs the same tests against the build instead of the sources. */
const own = process.env['TEST_TARGET'] === 'dist' ? [] : ['@meshid/source']

const node = (folder: string) => ({
  extends: true as const,
  test: {
    name: folder.replace(/^.*\//, ''),
    root: folder,
    // A worker of its own for each file costs as much as the tests in it; pure packages leave nothing behind.
    isolate: !portable.some((name) => folder === `packages/${name}`),
    include: ['test/**/*.test.ts'],
    exclude: process.env['TEST_PORTABLE'] === '1' ? ['test/node/**'] : [],
    typecheck: {
      enabled: process.env['TYPES'] === '1',
      only: process.env['TYPES'] === '1',
      include: ['test/**/*.test-d.ts'],
      tsconfig: './test/tsconfig.json',
    },
  },
})

const chromium = {
  extends: true as const,
  test: {
    name: 'chromium',
    isolate: false,
    include: portable.map((name) => `packages/${name}/test/**/*.test.ts`),
    exclude: ['packages/*/test/node/**'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: 'chromium' as const }],
      provider: playwright({
        launchOptions: {
          executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      }),
    },
  },
}

const folders = ['packages', 'examples'].flatMap((parent) =>
  readdirSync(parent)
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(`${folder}/test`)),
)

export default defineConfig({
  resolve: { conditions: [...own, 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: [...own, 'module', 'node', 'development|production'] } },
  test: {
    // One more than there are cores: tests of programs mostly wait for them.
    maxWorkers: availableParallelism() + 1,
    // Guards against hanging, generous because machines are shared: no test passes or fails by being quick.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    projects: process.env['TEST_BROWSER'] === '1' ? [chromium] : folders.map(node),
    coverage: {
      provider: 'v8',
      // Vitest reads these from the root, or from the project when one is picked by name.
      include: ['packages/*/src/**', 'src/**'],
      exclude: ['packages/testkit/**', '**/generated/**'],
    },
  },
})
