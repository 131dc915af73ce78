import { stat } from 'node:fs/promises'
import type { IssuerHolder } from '@meshid/identity'
import { MountsError } from '@meshid/mounts'
import { codedText, codeOf } from './coded-text.ts'
import { followMount, type FollowOptions } from './follow-mount.ts'
import type { IssuerLoader, LoadedIssuer } from './load-issuer.ts'
import type { ReloadObserver } from './metrics/count-reloads.ts'

/** Is told of each issuer after the first that was taken, and of each that was not. */
export type IssuerObserver = (outcome: { readonly type: 'updated' | 'skipped'; readonly text: string }) => void

export interface FollowIssuerOptions extends FollowOptions {
  readonly loader: IssuerLoader
  readonly holder: IssuerHolder
  readonly observers: readonly IssuerObserver[]
  readonly reloads: ReloadObserver
}

/** An issuer that follows its files. */
export interface FollowedIssuer {
  /** Judges what is in use, and what waits to be, once more: something else than the files has changed. */
  judgeAgain(): Promise<void>
}

/**
 * Loads the issuer into the holder and follows its files. A pair that is refused leaves the old issuer in use, with a
 * warning and a note for readiness; it is tried again at each event and each poll.
 *
 * @throws what `load` throws, when the first pair is refused
 */
export async function followIssuer(directory: string, options: FollowIssuerOptions): Promise<FollowedIssuer> {
  const { loader, log, observers } = options
  const { expected, other } = loader.names
  const { take, refuse } = verdicts(options)
  const mount = await followMount(directory, {
    ...options,
    files: [expected.certificate, expected.key],
    alternatives: [[other.certificate, other.key]],
    parse: (snapshot) => loader.load(snapshot),
    onChanged(loaded) {
      take(loaded)
      const text = 'Updated identity issuer'
      log.info(issuerFields(loaded, options.clock.now()), text)
      for (const tell of observers) tell({ type: 'updated', text })
    },
    onRejected: refuse,
    onRestored: () => void judgeCurrent(),
  })
  const judgeCurrent = async (): Promise<void> => {
    const held = mount.current
    const act = await loader.load(held.snapshot).then(
      (loaded) => () => take(loaded),
      (error: unknown) => () => refuse(error),
    )
    if (mount.current === held) act()
  }
  take(mount.current)
  return {
    async judgeAgain() {
      await judgeCurrent()
      await mount.checkAnew()
    },
  }
}

/**
 * Checks that there is a directory to follow, before anything else is asked of it.
 *
 * @throws MountsError MOUNTS_DIRECTORY_MISSING, MOUNTS_NOT_A_DIRECTORY
 */
export async function checkIssuerDirectory(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    const message = `expected a directory at ${path}, found none`
    throw new MountsError('MOUNTS_DIRECTORY_MISSING', message, { detail: { path }, cause })
  })
  if (found.isDirectory()) return
  const message = `expected a directory at ${path}, found something else`
  throw new MountsError('MOUNTS_NOT_A_DIRECTORY', message, { detail: { path } })
}

/** What becomes of an issuer that was accepted, and of one that was not; in Linkerd's words. */
function verdicts({ holder, clock, log, observers, reloads }: FollowIssuerOptions) {
  return {
    take: ({ issuer, pem, notices }: LoadedIssuer): void => {
      for (const sentence of notices) log.warn(sentence)
      log.debug(`Loaded issuer cert: ${pem}`)
      holder.replace(issuer, clock.now())
      reloads('issuer', 'accepted')
      log.debug('Issuer has been updated')
    },
    refuse: (error: unknown): void => {
      holder.refuse(error, clock.now())
      reloads('issuer', 'refused')
      const text = `Skipping issuer update as certs could not be read from disk: ${codedText(error)}`
      log.warn({ code: codeOf(error) }, text)
      for (const tell of observers) tell({ type: 'skipped', text })
    },
  }
}

/** The fields of Linkerd's line, in its units. */
function issuerFields({ issuer }: LoadedIssuer, now: Date): Readonly<Record<string, number>> {
  const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000)
  return {
    invalid_after: seconds(issuer.notAfter),
    process_clock_time: seconds(now),
    ttl_seconds: seconds(issuer.notAfter) - seconds(now),
  }
}
