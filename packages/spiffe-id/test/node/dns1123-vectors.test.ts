import { existsSync, readFileSync } from 'node:fs'
import {
  dns1123LabelErrors,
  dns1123SubdomainCaselessErrors,
  dns1123SubdomainErrors,
  isDns1123Label,
  isDns1123Subdomain,
  isDns1123SubdomainCaseless,
} from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'

interface Vector {
  readonly fn: 'DNS1123Label' | 'DNS1123Subdomain' | 'DNS1123SubdomainCaseless'
  readonly value: string
  readonly valid: boolean
  readonly errors: readonly string[]
}

const checks = {
  DNS1123Label: { is: isDns1123Label, errors: dns1123LabelErrors },
  DNS1123Subdomain: { is: isDns1123Subdomain, errors: dns1123SubdomainErrors },
  DNS1123SubdomainCaseless: { is: isDns1123SubdomainCaseless, errors: dns1123SubdomainCaselessErrors },
}

const file = new URL('../../../../../shared/vectors/dns1123.json', import.meta.url)
const found = existsSync(file)

describe("Kubernetes' own DNS-1123 vectors", () => {
  it.skipIf(!found)(
    `all 240 verdicts and texts agree${found ? '' : ' (skipped: ../shared/vectors/dns1123.json is missing)'}`,
    () => {
      const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readonly vectors: readonly Vector[] }
      expect(vectors).toHaveLength(240)
      const ours = vectors.map(({ fn, value }) => ({
        fn,
        value,
        valid: checks[fn].is(value),
        errors: checks[fn].errors(value),
      }))
      expect(ours).toEqual(vectors.map(({ fn, value, valid, errors }) => ({ fn, value, valid, errors })))
    },
  )
})
