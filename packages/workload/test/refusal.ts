import { WorkloadError } from '@meshid/workload'
import { expect } from 'vitest'

/** The error that an action throws or rejects with; that it is a WorkloadError is part of every test. */
export async function refusalOf(action: () => unknown): Promise<WorkloadError> {
  let result: unknown
  try {
    result = await action()
  } catch (error) {
    expect(error).toBeInstanceOf(WorkloadError)
    return error as WorkloadError
  }
  throw new Error(`expected a refusal, found ${String(result)}`)
}

/** The code of the WorkloadError that an action throws, or `accepted`. */
export function codeOf(action: () => unknown): string {
  try {
    action()
    return 'accepted'
  } catch (error) {
    if (error instanceof WorkloadError) return error.code
    throw error
  }
}
