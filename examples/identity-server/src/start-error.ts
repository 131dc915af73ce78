import { codedText, codeOf } from './coded-text.ts'

/** A reason not to start: the text is Linkerd's, with the code and the words of what went wrong behind it. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly code: string | undefined

  constructor(text: string, cause: unknown) {
    super(`${text}: ${cause instanceof LinkerdWords ? cause.message : codedText(cause)}`, { cause })
    this.code = codeOf(cause)
  }
}

/** A cause for which Linkerd has words of its own; its code is told beside them. */
export class LinkerdWords extends Error {
  override readonly name = 'LinkerdWords'
  readonly code: string | undefined

  constructor(words: string, cause: unknown) {
    super(words, { cause })
    this.code = codeOf(cause)
  }
}

/** Waits for one step of the start, whose failure is then told with this text. */
export async function step<T>(text: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new StartError(text, error)
  }
}
