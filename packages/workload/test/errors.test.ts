import { WorkloadError, workloadErrorCodes } from '@meshid/workload'
import { expect, test } from 'vitest'

test('every code of the package says what it means and what to do', () => {
  for (const [code, meaning] of Object.entries(workloadErrorCodes)) {
    expect(code).toMatch(/^WORKLOAD_[A-Z_]+$/)
    expect(meaning).toMatch(/[;,] .+\.$/)
  }
})

test('an error carries its code, a frozen detail and its cause', () => {
  const cause = new Error('below')
  const error = new WorkloadError('WORKLOAD_TOKEN_EMPTY', 'empty', { detail: { path: '/x' }, cause })
  expect(error).toMatchObject({ name: 'WorkloadError', code: 'WORKLOAD_TOKEN_EMPTY', detail: { path: '/x' }, cause })
  expect(Object.isFrozen(error.detail)).toBe(true)
  expect('cause' in new WorkloadError('WORKLOAD_NO_CREDENTIAL', 'none')).toBe(false)
})
