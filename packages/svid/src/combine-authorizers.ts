import { type AuthorizeOptions, type Authorizer, createAuthorizer } from './authorizer.ts'
import { judge, type Judgement, type SyncAuthorizer } from './authorizer.ts'
import type { SvidError } from './errors.ts'
import { refusalOf } from './refuse-svid.ts'
import type { VerifiedSvid } from './verified-svid.ts'

const describe = ({ expected }: Authorizer): string => expected ?? 'a rule of the caller'

/** What becomes of authorizers that are asked one after the other. */
interface Turn {
  readonly ask: (authorizer: Authorizer) => Judgement | Promise<Judgement>
  /** Says whether nobody else need be asked. */
  readonly isOver: (judgement: Judgement) => boolean
  /** When nobody is left. */
  readonly end: () => void
}

/** At once as long as every answer is, and then as a promise. */
function askInTurn(authorizers: readonly Authorizer[], turn: Turn): void | Promise<void> {
  for (const [index, authorizer] of authorizers.entries()) {
    const judgement = turn.ask(authorizer)
    if (judgement instanceof Promise) {
      const others = authorizers.slice(index + 1)
      return judgement.then((settled) => (turn.isOver(settled) ? undefined : askInTurn(others, turn)))
    }
    if (turn.isOver(judgement)) return undefined
  }
  return turn.end()
}

/**
 * Accepts whom at least one of the authorizers accepts, asked in their order; none of them accepts nobody. Refuses with
 * SVID_NO_ALTERNATIVE, which lists every refusal. One that fails ends it: no answer is not a "no".
 */
export function anyOf(...authorizers: readonly SyncAuthorizer[]): SyncAuthorizer
export function anyOf(...authorizers: readonly Authorizer[]): Authorizer
export function anyOf(...authorizers: readonly Authorizer[]): Authorizer {
  const expected = `any of [${authorizers.map(describe).join('; ')}]`
  return createAuthorizer(expected, (svid, options) => {
    const refusals: string[] = []
    return askInTurn(authorizers, {
      ask: (authorizer) => judge(authorizer, svid, options),
      isOver: (judgement) => {
        if (judgement !== undefined) refusals.push(judgement.message)
        return judgement === undefined
      },
      end: () => {
        throw refusalOf('SVID_NO_ALTERNATIVE', svid, { expected, refusals })
      },
    })
  })
}

/**
 * Accepts whom every one of the authorizers accepts, asked in their order until one refuses, with its refusal.
 *
 * @throws RangeError when there is none: that would accept everybody; see `authorizeAny`
 */
export function allOf(...authorizers: readonly SyncAuthorizer[]): SyncAuthorizer
export function allOf(...authorizers: readonly Authorizer[]): Authorizer
export function allOf(...authorizers: readonly Authorizer[]): Authorizer {
  if (authorizers.length === 0) throw new RangeError('allOf: expected at least one authorizer, found none')
  return createAuthorizer(`all of [${authorizers.map(describe).join('; ')}]`, (svid, options) =>
    askInTurn(authorizers, {
      ask: (authorizer) => judge(authorizer, svid, options),
      isOver: (judgement) => {
        if (judgement !== undefined) throw judgement
        return false
      },
      end: () => {},
    }),
  )
}

/**
 * Accepts whom the authorizer refuses. Refuses with SVID_EXCLUDED. One that fails accepts nobody.
 *
 * Take care: everybody else is accepted, of every trust domain that there is a bundle for; put it into `allOf`.
 */
export function not(authorizer: SyncAuthorizer): SyncAuthorizer
export function not(authorizer: Authorizer): Authorizer
export function not(authorizer: Authorizer): Authorizer {
  const expected = `not ${describe(authorizer)}`
  const settle = (svid: VerifiedSvid, refusal: SvidError | undefined): void => {
    if (refusal === undefined) throw refusalOf('SVID_EXCLUDED', svid, { expected })
  }
  return createAuthorizer(expected, (svid: VerifiedSvid, options: AuthorizeOptions): void | Promise<void> => {
    const judgement = judge(authorizer, svid, options)
    return judgement instanceof Promise ? judgement.then((refusal) => settle(svid, refusal)) : settle(svid, judgement)
  })
}
