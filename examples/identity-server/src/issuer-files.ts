/** The names of the two files of an issuer's Secret. */
export interface IssuerFiles {
  /** For people. */
  readonly scheme: string
  readonly certificate: string
  readonly key: string
}

const linkerd: IssuerFiles = { scheme: 'linkerd.io/tls', certificate: 'crt.pem', key: 'key.pem' }
const kubernetes: IssuerFiles = { scheme: 'kubernetes.io/tls', certificate: 'tls.crt', key: 'tls.key' }

/** The files of the scheme first, then those of the other one, which are used when the first are not there. */
export interface IssuerFileNames {
  readonly expected: IssuerFiles
  readonly other: IssuerFiles
}

/** Linkerd's scheme has names of its own; every other is a Secret of type `kubernetes.io/tls`. */
export function issuerFileNames(scheme: string): IssuerFileNames {
  return scheme === linkerd.scheme ? { expected: linkerd, other: kubernetes } : { expected: kubernetes, other: linkerd }
}

/** Which of the two pairs was found, and a sentence if it is not the one of the scheme. */
export function foundIssuerFiles(
  { expected, other }: IssuerFileNames,
  found: ReadonlyMap<string, Uint8Array>,
): { readonly files: IssuerFiles; readonly notices: readonly string[] } {
  if (found.has(expected.certificate)) return { files: expected, notices: [] }
  const of = ({ scheme, certificate, key }: IssuerFiles): string => `${certificate} and ${key} of ${scheme}`
  return { files: other, notices: [`Using ${of(other)}: expected ${of(expected)}, found none`] }
}
