/** The longest DNS-1123 label in bytes (RFC 1123 section 2.1 by RFC 1035 section 2.3.4). */
export const MAX_DNS1123_LABEL_BYTES = 63
/** The longest DNS-1123 subdomain in bytes (RFC 1123 section 2.1; what Kubernetes checks). */
export const MAX_DNS1123_SUBDOMAIN_BYTES = 253

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const DASH = 0x2d
const DOT = 0x2e

const labelReason =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`
const subdomainReason =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  `with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`
const caselessReason =
  "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an " +
  `alphanumeric character (e.g. 'Example.com', regex used for validation is '${SUBDOMAIN}')`

type Form = 'label' | 'subdomain' | 'caseless'

const isAlphanumeric = (code: number, form: Form): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x30 && code <= 0x39) ||
  (form === 'caseless' && code >= 0x41 && code <= 0x5a)

/** Says at which offset a value stops being a label or a subdomain, its length aside, or -1. */
export const dns1123Offence = (value: string, form: Form): number => {
  let before = DOT
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at)
    if (!isAlphanumeric(code, form)) {
      const dot = code === DOT && form !== 'label'
      if ((!dot && code !== DASH) || before === DOT) return at
      if (dot && before === DASH) return at - 1
    }
    before = code
  }
  if (before === DOT) return Math.max(value.length - 1, 0)
  return before === DASH ? value.length - 1 : -1
}

const tooLong = (value: string, limit: number): readonly string[] =>
  value.length > limit || new TextEncoder().encode(value).byteLength > limit
    ? [`must be no more than ${limit} bytes`]
    : []

/**
 * Says, in the words of Kubernetes, why a value is no DNS-1123 label such as a namespace; empty when it is one.
 *
 * Length is counted in bytes of UTF-8.
 *
 * @see Kubernetes apimachinery, `content.IsDNS1123Label`
 */
export const dns1123LabelErrors = (value: string): readonly string[] => {
  const errors = [...tooLong(value, MAX_DNS1123_LABEL_BYTES)]
  if (dns1123Offence(value, 'label') >= 0) {
    errors.push(dns1123Offence(value, 'subdomain') < 0 ? 'must not contain dots' : labelReason)
  }
  return Object.freeze(errors)
}

/**
 * Says, in the words of Kubernetes, why a value is no DNS-1123 subdomain such as the name of a service account; empty
 * when it is one. Its labels have no length limit of their own.
 *
 * @see Kubernetes apimachinery, `content.IsDNS1123Subdomain`
 */
export const dns1123SubdomainErrors = (value: string): readonly string[] => {
  const errors = [...tooLong(value, MAX_DNS1123_SUBDOMAIN_BYTES)]
  if (dns1123Offence(value, 'subdomain') >= 0) errors.push(subdomainReason)
  return Object.freeze(errors)
}

/**
 * The same as {@link dns1123SubdomainErrors} with A-Z allowed.
 *
 * Unlike Kubernetes' case-folding regular expression it refuses U+212A and U+017F, which only fold to ASCII (ID-21).
 *
 * @see Kubernetes apimachinery, `content.IsDNS1123SubdomainCaseless`
 */
export const dns1123SubdomainCaselessErrors = (value: string): readonly string[] => {
  const errors = [...tooLong(value, MAX_DNS1123_SUBDOMAIN_BYTES)]
  if (dns1123Offence(value, 'caseless') >= 0) errors.push(caselessReason)
  return Object.freeze(errors)
}

/** Says whether a value is a DNS-1123 label: 1 to 63 bytes of a-z, 0-9 and, inside, "-". */
export const isDns1123Label = (value: string): boolean =>
  value.length <= MAX_DNS1123_LABEL_BYTES && dns1123Offence(value, 'label') < 0

/** Says whether a value is a DNS-1123 subdomain: labels joined by ".", at most 253 bytes in all. */
export const isDns1123Subdomain = (value: string): boolean =>
  value.length <= MAX_DNS1123_SUBDOMAIN_BYTES && dns1123Offence(value, 'subdomain') < 0

/** Says whether a value is a DNS-1123 subdomain when A-Z is allowed as well. */
export const isDns1123SubdomainCaseless = (value: string): boolean =>
  value.length <= MAX_DNS1123_SUBDOMAIN_BYTES && dns1123Offence(value, 'caseless') < 0
