import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseFlags } from '../../src/flags.ts'
import { summary } from './rows.ts'

const page = readFileSync(new URL('../../../../docs/linkerd.md', import.meta.url), 'utf8')

/** The strategic merge patch of docs/linkerd.md, as far as it is looked at here. */
interface Patch {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly name: string; readonly args: readonly string[] }[] }
    }
  }
}

test('docs/linkerd.md counts the rows of the contract as they are', () => {
  expect(page.replaceAll(/\s+/g, ' ')).toContain(summary)
})

describe("the patch that puts this server in Linkerd's place", () => {
  const patch = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '{}') as Patch
  const [container, ...others] = patch.spec.template.spec.containers

  test('exchanges one container, and leaves the rest of the pod alone', () => {
    expect(others).toEqual([])
    expect(container?.name).toBe('identity')
    expect(Object.keys(container ?? {}).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['args', 'image', 'name'])
    expect(Object.keys(patch.spec)).toEqual(['template'])
  })

  test("has flags that this server takes: those of Linkerd's chart, and the profile", () => {
    const outcome = parseFlags(container?.args ?? [])
    if (outcome.kind !== 'run') throw new Error(outcome.text)
    expect(outcome.flags).toMatchObject({
      profile: 'linkerd',
      controllerNamespace: 'linkerd',
      identityScheme: 'linkerd.io/tls',
      identityTrustDomain: 'cluster.local',
      identityIssuanceLifetime: 86_400_000,
      identityClockSkewAllowance: 20_000,
      kubeApiclientQps: 100,
      kubeApiclientBurst: 200,
    })
    expect(outcome.flags.addr.port).toBe(8080)
    expect(outcome.flags.adminAddr.port).toBe(9990)
  })

  test("may begin with the word by which Linkerd's image chooses its program, which makes the profile Linkerd's, as the page says", () => {
    const [profile, ...ofLinkerd] = container?.args ?? []
    expect(profile).toBe('--profile=linkerd')
    expect(parseFlags(['identity', ...ofLinkerd])).toEqual(parseFlags(container?.args ?? []))
    expect(page).toContain('the first word `identity`')
  })
})
