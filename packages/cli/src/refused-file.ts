/** What was refused stands in a file: the reason is the cause, and the path goes before its message. */
export class RefusedFile extends Error {
  override readonly name = 'RefusedFile'
  readonly path: string

  constructor(path: string, cause: unknown) {
    super(`${path}: refused`, { cause })
    this.path = path
  }
}

/** Reads something out of a file's content, so that a refusal says which file it is about. */
export function inFile<Value>(path: string, parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    throw new RefusedFile(nameOfPath(path), error)
  }
}

/** What to call a path in messages. */
export function nameOfPath(path: string): string {
  return path === '-' ? 'standard input' : path
}
