import { isRetryable, RpcError, type RpcStatus, rpcStatusNumbers } from '@meshid/rpc'
import { expect, test } from 'vitest'

test('what may pass by itself is retryable, what the caller must change is not', () => {
  const retryable = (Object.keys(rpcStatusNumbers) as RpcStatus[]).filter((name) =>
    isRetryable(new RpcError(name, 'x')),
  )
  expect(retryable).toEqual([
    'UNKNOWN',
    'DEADLINE_EXCEEDED',
    'RESOURCE_EXHAUSTED',
    'ABORTED',
    'INTERNAL',
    'UNAVAILABLE',
  ])
})

test.each([
  'Received message larger than max (1000012 vs 65536)',
  'grpc: received message larger than max (5000000 vs. 4194304)',
  'Received message that decompresses to a size larger than 65536',
])('a message over its size limit never shrinks by waiting: %s', (message) => {
  expect(isRetryable(new RpcError('RESOURCE_EXHAUSTED', message))).toBe(false)
})
