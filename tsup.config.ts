import { defineConfig } from 'tsup'

/** What is used here of a plugin of the builder. */
interface Build {
  onResolve(options: { filter: RegExp }, resolve: (args: { path: string; kind: string }) => object | undefined): void
}

/** Keeps an import of a neighbour an import, of the file that the neighbour becomes. */
const neighboursStayModules = {
  name: 'neighbours-stay-modules',
  setup(build: Build): void {
    build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/ts$/, 'js'), external: true },
    )
  },
}

/** One build for every package: each source file becomes a module of its own in dist, so that a bundle takes only what it uses. */
export default defineConfig({
  entry: ['src/**/*.ts'],
  format: ['esm'],
  target: 'es2023',
  splitting: false,
  dts: false,
  sourcemap: true,
  clean: false,
  esbuildPlugins: [neighboursStayModules],
})
