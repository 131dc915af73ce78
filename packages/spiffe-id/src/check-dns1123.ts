import { dns1123LabelErrors, dns1123Offence, dns1123SubdomainErrors } from './dns1123.ts'
import { describeAt, SpiffeIdError, type SpiffeIdErrorCode } from './errors.ts'

/** What a value is, to say so when it is refused. */
export interface CheckDns1123Options {
  readonly code: SpiffeIdErrorCode
  readonly what: string
  readonly form: 'label' | 'subdomain'
  /** The offset of the value in the whole text. */
  readonly base?: number
}

/** Refuses a value that is no DNS-1123 label or subdomain, in the words of Kubernetes. */
export const checkDns1123 = (value: string, { code, what, form, base = 0 }: CheckDns1123Options): void => {
  const reasons = form === 'label' ? dns1123LabelErrors(value) : dns1123SubdomainErrors(value)
  if (reasons.length === 0) return
  const offence = dns1123Offence(value, form)
  const found = offence < 0 ? `${value.length} bytes` : describeAt(value, offence)
  const expected = `${what} as a DNS-1123 ${form}`
  throw new SpiffeIdError(code, `expected ${expected}, found ${found}: ${reasons.join('; ')}`, {
    detail: { expected, found, reasons, ...(offence < 0 ? {} : { offset: base + offence }) },
  })
}
