import type { IssuerHolder } from '@meshid/identity'
import { codedText, codeOf } from './coded-text.ts'
import { followMount, type FollowOptions } from './follow-mount.ts'
import type { IssuerLoader, LoadedIssuer } from './load-issuer.ts'

export interface FollowIssuerOptions extends FollowOptions {
  readonly loader: IssuerLoader
  readonly holder: IssuerHolder
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
  const { loader, log } = options
  const { take, refuse } = verdicts(options)
  const mount = await followMount(directory, {
    ...options,
    files: [loader.files.certificate, loader.files.key],
    parse: (snapshot) => loader.load(snapshot),
    onChanged(loaded) {
      take(loaded)
      log.info({ invalid_after: loaded.issuer.notAfter.toISOString() }, 'Updated identity issuer')
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

/** What becomes of an issuer that was accepted, and of one that was not; in Linkerd's words. */
function verdicts({ holder, clock, log }: Pick<FollowIssuerOptions, 'holder' | 'clock' | 'log'>) {
  return {
    take: ({ issuer, pem, ignored }: LoadedIssuer): void => {
      for (const sentence of ignored) log.warn(sentence)
      log.debug(`Loaded issuer cert: ${pem}`)
      holder.replace(issuer, clock.now())
      log.debug('Issuer has been updated')
    },
    refuse: (error: unknown): void => {
      holder.refuse(error, clock.now())
      const text = `Skipping issuer update as certs could not be read from disk: ${codedText(error)}`
      log.warn({ code: codeOf(error) }, text)
    },
  }
}
