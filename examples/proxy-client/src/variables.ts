/** The variables of a process, by name. */
export type Variables = Readonly<Record<string, string | undefined>>

type Parse<T> = (text: string) => T

/** Everything that is wrong with the environment, a sentence each. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
  readonly code = 'INVALID_ENVIRONMENT'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('; '))
    this.faults = Object.freeze([...faults])
  }
}

/**
 * Reads variables and goes on after a fault, so that all faults are told at once. What a faulty variable gives is
 * `undefined` whatever its type says; `finish` throws before anybody relies on it.
 */
export class VariableReader {
  readonly #env: Variables
  readonly #faults: string[] = []

  constructor(env: Variables) {
    this.#env = env
  }

  /** An empty variable counts as one that is not set. */
  isSet(name: string): boolean {
    return Boolean(this.#env[name])
  }

  /** Reads a variable that must be there, unless it has a default. */
  required<T>(name: string, parse: Parse<T>, fallback?: string): T {
    const text = this.#env[name] || fallback
    if (text === undefined) return this.fault(`${name} must be set.`)
    return this.attempt(() => parse(text), `${name}: `)
  }

  /** Reads a variable that may be missing or empty. */
  optional<T>(name: string, parse: Parse<T>): T | undefined {
    return this.isSet(name) ? this.required(name, parse) : undefined
  }

  /** Runs what may find a fault; its message goes behind the prefix. */
  attempt<T>(read: () => T, prefix = ''): T {
    try {
      return read()
    } catch (error) {
      return this.fault(`${prefix}${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Notes a fault. */
  fault(message: string): never {
    this.#faults.push(message)
    return undefined as never
  }

  /**
   * Gives what was read, if all of it was good.
   * @throws EnvironmentError with every fault
   */
  finish<T>(value: T): T {
    if (this.#faults.length > 0) throw new EnvironmentError(this.#faults)
    return value
  }
}

/** Takes one of some words. */
export function oneOf(words: readonly string[]): Parse<string> {
  return (text) => {
    if (words.includes(text)) return text
    throw new RangeError(`expected one of ${words.join(', ')}, found ${JSON.stringify(text.slice(0, 64))}`)
  }
}
