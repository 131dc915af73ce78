import { SpiffeIdError, type SpiffeIdErrorCode, type SpiffeIdErrorDetail } from '@meshid/spiffe-id'

/** Runs something that must be refused and gives the refusal; any other outcome is a failure. */
export const refusal = (run: () => unknown): SpiffeIdError => {
  let value: unknown
  try {
    value = run()
  } catch (error) {
    if (error instanceof SpiffeIdError) return error
    throw error
  }
  throw new Error(`expected a refusal, found the value ${String(value)}`)
}

/** The code of a refusal and where it was. */
export const codeAndOffset = (run: () => unknown): readonly [SpiffeIdErrorCode, number | undefined] => {
  const { code, detail } = refusal(run)
  return [code, detail.offset]
}

/** The code and the whole detail of a refusal. */
export const codeAndDetail = (run: () => unknown): SpiffeIdErrorDetail & { readonly code: SpiffeIdErrorCode } => {
  const { code, detail } = refusal(run)
  return { code, ...detail }
}
