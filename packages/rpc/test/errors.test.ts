import { status as grpcStatus } from '@grpc/grpc-js'
import { MAX_STATUS_MESSAGE_LENGTH, RpcError, rpcErrorCodes, rpcStatusNumbers, rpcStatusOf } from '@meshid/rpc'
import { describe, expect, test } from 'vitest'

describe('RpcError', () => {
  test('carries the status as name, number and code', () => {
    const cause = new Error('inside')
    const error = new RpcError('FAILED_PRECONDITION', 'CSR must have exactly one DNSName', {
      cause,
      detail: { limit: 1 },
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'RpcError',
      code: 'RPC_FAILED_PRECONDITION',
      status: 'FAILED_PRECONDITION',
      statusNumber: 9,
      message: 'CSR must have exactly one DNSName',
      detail: { limit: 1 },
      cause,
    })
    expect(Object.isFrozen(error.detail)).toBe(true)
  })

  test('keeps a message that an HTTP/2 header can carry: no control characters, no lone surrogates, an end', () => {
    expect(new RpcError('UNKNOWN', 'a\r\nb\u0000c\u0085d').message).toBe('a  b c d')
    expect(new RpcError('UNKNOWN', 'x\ud800y').message).toBe('x\ufffdy')
    expect(new RpcError('UNKNOWN', '😀').message).toBe('😀')
    const long = new RpcError('UNKNOWN', `${'x'.repeat(MAX_STATUS_MESSAGE_LENGTH - 1)}😀`).message
    expect(long).toHaveLength(MAX_STATUS_MESSAGE_LENGTH)
    expect(long.endsWith('x\ufffd')).toBe(true)
  })

  test('has no cause when none is given', () => {
    expect('cause' in new RpcError('UNKNOWN', 'x')).toBe(false)
  })
})

describe('statuses', () => {
  test('are the sixteen of gRPC with their numbers, one code each', () => {
    const { OK: _ok, ...failures } = Object.fromEntries(
      Object.entries(grpcStatus).filter(([, value]) => typeof value === 'number'),
    )
    expect(rpcStatusNumbers).toEqual(failures)
    expect(Object.keys(rpcErrorCodes).toSorted()).toEqual(
      Object.keys(failures)
        .map((name) => `RPC_${name}`)
        .toSorted(),
    )
  })

  test('of unknown numbers are UNKNOWN', () => {
    expect(rpcStatusOf(9)).toBe('FAILED_PRECONDITION')
    expect(rpcStatusOf(99)).toBe('UNKNOWN')
    expect(rpcStatusOf(0)).toBe('UNKNOWN')
  })
})
