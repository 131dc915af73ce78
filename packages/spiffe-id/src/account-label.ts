/**
 * What a mesh does with service accounts whose names have dots, which Kubernetes allows and Linkerd's names do not (Q28):
 * `refuse` them as Linkerd does, or write each dot as an `underscore`.
 */
export type DottedAccounts = 'refuse' | 'underscore'

/**
 * Writes the name of a service account as one DNS label: `a.b` becomes `a_b`, and a name without dots stays as it is.
 *
 * No name of a service account has an underscore (DNS-1123), so that two accounts never get the same label, and the label
 * says which account it is. It is no longer than the name; whether it is short enough for a label is not said here.
 *
 * @param name the name of a service account, a DNS-1123 subdomain
 */
export const encodeAccountLabel = (name: string): string => name.replaceAll('.', '_')

/** Reads what {@link encodeAccountLabel} wrote; that the result is the name of a service account is not said here. */
export const decodeAccountLabel = (label: string): string => label.replaceAll('_', '.')
