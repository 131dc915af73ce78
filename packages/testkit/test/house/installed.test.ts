import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../src/pages/source-files.ts'

const packages = readdirSync(join(projectRoot, 'packages'))

/** Where a folder's dependency really lies, by Node's rule: node_modules of the folder and of those above it. */
function installedAt(folder: string, name: string): string {
  for (let place = realpathSync(folder); place !== dirname(place); place = dirname(place)) {
    const candidate = join(place, 'node_modules', name)
    if (existsSync(candidate)) return realpathSync(candidate)
  }
  throw new Error(`expected ${name} to be installed for ${folder}, found nothing`)
}

describe('what is installed and what is published', () => {
  test('the published packages share one copy of asn1js, pkijs and each noble library', () => {
    const copies = new Map<string, Set<string>>()
    const follow = (folder: string): void => {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      for (const name of Object.keys(manifest.dependencies ?? {})) {
        const found = installedAt(folder, name)
        const known = copies.get(name) ?? new Set()
        if (known.has(found)) continue
        copies.set(name, known.add(found))
        follow(found)
      }
    }
    for (const name of packages.filter((each) => each !== 'testkit')) follow(join(projectRoot, 'packages', name))
    for (const name of ['asn1js', 'pkijs', '@noble/curves', '@noble/hashes']) {
      expect([...(copies.get(name) ?? [])], name).toHaveLength(1)
    }
  })

  test.each(packages)('%s says what it is, what it needs and what it exports', (name) => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'packages', name, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      name: `@meshid/${name}`,
      type: 'module',
      sideEffects: false,
      license: 'Apache-2.0',
      engines: { node: '>=22.12' },
    })
    expect(manifest.description).toMatch(/^[A-Z].{20,}\.$/)
    expect(manifest.publishConfig.exports).not.toHaveProperty(['.', '@meshid/source'])
    const pinned = Object.entries<string>(manifest.dependencies ?? {})
    for (const [dependency, version] of pinned) {
      expect(version, dependency).toBe(dependency.startsWith('@meshid/') ? 'workspace:*' : 'catalog:')
    }
  })

  test.each(packages.filter((name) => name !== 'testkit'))(
    '%s has a README with its sentence, an example and its errors',
    (name) => {
      const readme = readFileSync(join(projectRoot, 'packages', name, 'README.md'), 'utf8')
      const manifest = JSON.parse(readFileSync(join(projectRoot, 'packages', name, 'package.json'), 'utf8'))
      expect(readme.replaceAll('`', '')).toContain(manifest.description)
      if (name !== 'cli') expect(readme).toMatch(/```ts\n[\s\S]+```/)
      const errors = join(projectRoot, 'packages', name, 'src/errors.ts')
      if (!existsSync(errors)) return
      const codes = [...readFileSync(errors, 'utf8').matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, code]) => code)
      expect(codes.length).toBeGreaterThan(0)
      for (const code of codes) expect(readme).toContain(code)
    },
  )
})
