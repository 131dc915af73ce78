import { CsrError, MAX_CSR_BYTES, type ParsedCsr, readCsr, verifyCsr } from '@meshid/csr'
import { oidName } from '@meshid/der'
import { keyIdentifier } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { type Fact, formatHex, printFacts, printJson } from '../print.ts'
import { readInput } from '../read-input.ts'
import { inFile } from '../refused-file.ts'

/** Adds `meshid csr inspect`. */
export function addCsrInspect(csr: Command, io: CliIo): void {
  csr
    .command('inspect')
    .description('show what a request asks for, and whether its signature proves possession of the key')
    .argument('<file>', 'PKCS#10 as DER or PEM; - is standard input')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid csr inspect csr.der
  $ openssl req -new -key key.p8 -subj /CN=web.emojivoto | meshid csr inspect -

Everything in a request is a wish: names prove nothing, and extensions (CA, key usages) are never granted by meshid.
Ends with 1 if possession is not proven.`,
    )
    .action((file: string, options: { readonly json?: true }) => runCsrInspect(file, options, io))
}

async function runCsrInspect(file: string, options: { readonly json?: true }, io: CliIo): Promise<void> {
  const bytes = await readInput(file, io, { maxBytes: MAX_CSR_BYTES * 3 })
  const csr = inFile(file, () => readCsr(bytes))
  const refusal = refusalOf(csr)
  if (options.json === true) printJson(recordOf(csr, refusal), io)
  else printFacts(factsOf(csr, refusal), io)
  if (refusal !== undefined) throw refusal
}

function refusalOf(csr: ParsedCsr): CsrError | undefined {
  try {
    verifyCsr(csr, { verifier: nodeVerifier })
    return undefined
  } catch (error) {
    if (error instanceof CsrError) return error
    throw error
  }
}

function subjectOf({ subject }: ParsedCsr): string {
  return subject.attributes.map(({ type, value }) => `${oidName(type) ?? type}=${value}`).join(', ')
}

const nameOfOid = (oid: string): string => oidName(oid) ?? oid

function recordOf(csr: ParsedCsr, refusal: CsrError | undefined) {
  return {
    subject: subjectOf(csr),
    commonName: csr.subject.commonName ?? null,
    uris: csr.uris,
    dnsNames: csr.dnsNames,
    emailAddresses: csr.emailAddresses,
    ipAddresses: csr.ipAddresses,
    otherNameCount: csr.otherNameCount,
    publicKey: { algorithm: csr.publicKey.algorithm, keyId: formatHex(keyIdentifier(csr.publicKey)) },
    signatureAlgorithm: csr.signatureAlgorithm,
    requestedExtensions: csr.requestedExtensions.map(nameOfOid),
    possession: refusal === undefined ? 'proven' : refusal.code,
  }
}

function factsOf(csr: ParsedCsr, refusal: CsrError | undefined): readonly Fact[] {
  const { publicKey, otherNameCount } = csr
  const facts = (label: string, values: readonly string[]): Fact[] => values.map((value) => [label, value])
  return [
    ['Subject', csr.subject.isEmpty ? '(empty)' : subjectOf(csr)],
    ...facts('URI name', csr.uris),
    ...facts('DNS name', csr.dnsNames),
    ...facts('E-mail address', csr.emailAddresses),
    ...facts('IP address', csr.ipAddresses),
    ...facts('Other names', otherNameCount === 0 ? [] : [`${otherNameCount}`]),
    ['Public key', `${publicKey.algorithm} ${formatHex(keyIdentifier(publicKey))}`],
    ['Signature', csr.signatureAlgorithm],
    ['Asks for', csr.requestedExtensions.map(nameOfOid).join(', ') || 'no extensions'],
    ['Possession', refusal === undefined ? 'proven' : `not proven (${refusal.code})`],
  ]
}
