import { type AdminServer, type AdminServerOptions, type Logger, startAdminServer } from '@meshid/example-operations'
import { codedText } from './coded-text.ts'
import { boundText } from './flag-values.ts'
import type { Flags } from './flags.ts'

/** Starts the admin server; without it the identity service goes on, as Linkerd's does. */
export async function startAdmin(
  { adminAddr: address, enablePprof }: Pick<Flags, 'adminAddr' | 'enablePprof'>,
  { log, ...options }: Omit<AdminServerOptions, 'address' | 'profiling'> & { readonly log: Logger },
): Promise<Pick<AdminServer, 'close'>> {
  try {
    const admin = await startAdminServer({ address, profiling: enablePprof, ...options })
    log.info(`starting admin server on ${boundText(address, admin.port)}`)
    return admin
  } catch (error) {
    log.error(`failed to start identity admin server: ${codedText(error)}`)
    return { close: () => Promise.resolve() }
  }
}
