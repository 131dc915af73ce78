import type { Outcome } from './contest.ts'
import type { ProgramResult } from './result.ts'

/** What a profile is told as: who has the busy time, and the functions outside of OpenSSL that have most of it. */
export interface ProfileParts {
  /** OpenSSL, all that is named beside it, and everything else. */
  readonly whole: readonly Outcome[]
  /** The functions that are named, the greatest first. */
  readonly named: readonly Outcome[]
}

const openssl = /^OpenSSL/
const others = /^[\d,]+ other functions/

/** The parts of the result of a profile; undefined for results that are not one. */
export function profileParts({ values, outcomes }: ProgramResult): ProfileParts | undefined {
  if (values['T5'] === undefined) return undefined
  const isNamed = ({ name }: Outcome): boolean => !openssl.test(name) && !others.test(name)
  const named = outcomes.filter(isNamed).toSorted((one, other) => other.amount - one.amount)
  const sum = (pick: (outcome: Outcome) => number): number => named.reduce((total, one) => total + pick(one), 0)
  const together = {
    name: `the top ${named.length} of the rest, below`,
    amount: sum(({ amount }) => amount),
    ratio: sum(({ ratio }) => ratio),
  }
  const inside = outcomes.filter(({ name }) => openssl.test(name))
  return { whole: [...inside, together, ...outcomes.filter(({ name }) => others.test(name))], named }
}
