import { copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

/** The programs that images are made of: folders beside this example. */
export const programs = ['identity-server', 'proxy-client'] as const

/** One of {@link programs}. */
export type ProgramName = (typeof programs)[number]

/**
 * Bundles a program with everything that it imports into `<directory>/app/main.js`, and beside it what its threads run. Its
 * package.json lies above that, where the program looks for its version. Nothing else is needed to run it: no node_modules, no
 * TypeScript, no flag.
 */
export async function bundleProgram(name: ProgramName, directory: string): Promise<void> {
  const source = fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url))
  const thread = fileURLToPath(new URL('../../../packages/keys/src/node/verify-on-request.ts', import.meta.url))
  await build({
    entry: name === 'identity-server' ? { main: source, 'verify-on-request': thread } : { main: source },
    outDir: join(directory, 'app'),
    config: false,
    silent: true,
    splitting: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // The client of kubeconfig is only for a server outside of its cluster, and six times as large as all the rest.
    noExternal: [/^(?!@kubernetes\/client-node)/],
    external: ['@kubernetes/client-node'],
    // Packages that are CommonJS ask for modules of Node by require.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    esbuildOptions: (options) => {
      options.conditions = ['@meshid/source']
    },
  })
  await copyFile(join(dirname(source), '../package.json'), join(directory, 'package.json'))
}
