/** The variables of a process, by name. */
export type Variables = Readonly<Record<string, string | undefined>>

type Parse<T> = (text: string) => T

/**
 * Reads a variable that must be there, unless it has a default.
 * @throws Error that names the variable
 */
export function required<T>(env: Variables, name: string, parse: Parse<T>, fallback?: string): T {
  const text = env[name] || fallback
  if (text === undefined) throw new Error(`'${name}' must be set`)
  try {
    return parse(text)
  } catch (cause) {
    throw new Error(`'${name}': ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Reads a variable that may be missing or empty. */
export const optional = <T>(env: Variables, name: string, parse: Parse<T>): T | undefined =>
  env[name] ? required(env, name, parse) : undefined

/** Takes one of some words. */
export function oneOf(words: readonly string[]): Parse<string> {
  return (text) => {
    if (words.includes(text)) return text
    throw new RangeError(`expected one of ${words.join(', ')}, found ${JSON.stringify(text.slice(0, 64))}`)
  }
}
