import { existsSync } from 'node:fs'
import { defineConfig } from 'tsup'

/** One build for every package: each entry of `exports` and `bin` that exists becomes one ES module in dist. */
export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts', 'src/grpc.ts', 'src/undici.ts', 'src/main.ts'].filter((file) =>
    existsSync(file),
  ),
  format: ['esm'],
  target: 'es2023',
  dts: false,
  sourcemap: true,
  clean: false,
})
