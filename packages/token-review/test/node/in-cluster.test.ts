import { inClusterTransportOptions, SERVICE_ACCOUNT_DIRECTORY } from '@meshid/token-review/node'
import { describe, expect, it } from 'vitest'

describe('inClusterTransportOptions', () => {
  it.each(['10.96.0.1', 'fd00::1', 'kubernetes.default'])('finds the API server at %s', (host) => {
    const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '6443' }
    expect(inClusterTransportOptions(env)).toEqual({
      host,
      port: 6443,
      caFile: `${SERVICE_ACCOUNT_DIRECTORY}/ca.crt`,
      tokenFile: `${SERVICE_ACCOUNT_DIRECTORY}/token`,
    })
  })

  it.each([
    ['KUBERNETES_SERVICE_HOST', {}],
    ['KUBERNETES_SERVICE_HOST', { KUBERNETES_SERVICE_HOST: '', KUBERNETES_SERVICE_PORT: '443' }],
    ['KUBERNETES_SERVICE_PORT', { KUBERNETES_SERVICE_HOST: '10.96.0.1' }],
    ['KUBERNETES_SERVICE_PORT', { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: 'https' }],
    ['KUBERNETES_SERVICE_PORT', { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '0' }],
    ['KUBERNETES_SERVICE_PORT', { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '65536' }],
  ])('says that %s is missing or malformed in %j', (field, env) => {
    expect(() => inClusterTransportOptions(env)).toThrow(
      expect.objectContaining({ code: 'TOKEN_REVIEW_NOT_IN_CLUSTER', detail: expect.objectContaining({ field }) }),
    )
  })
})
