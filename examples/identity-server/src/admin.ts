import { type AdminServer, type AdminServerOptions, type Logger, startAdminServer } from '@meshid/example-operations'
import { codedText } from './coded-text.ts'
import { boundText, type NamedAddress } from './flag-values.ts'

/** Starts the admin server; without it the identity service goes on, as Linkerd's does. */
export async function startAdmin(
  address: NamedAddress,
  { log, ...options }: Omit<AdminServerOptions, 'address'> & { readonly log: Logger },
): Promise<Pick<AdminServer, 'close'>> {
  try {
    const admin = await startAdminServer({ address, ...options })
    log.info(`starting admin server on ${boundText(address, admin.port)}`)
    return admin
  } catch (error) {
    log.error(`failed to start identity admin server: ${codedText(error)}`)
    return { close: () => Promise.resolve() }
  }
}
