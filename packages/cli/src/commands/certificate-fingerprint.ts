import { fingerprint } from '@meshid/certificate'
import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { printJson } from '../print.ts'
import { readCertificates } from '../read-certificates.ts'

/** Adds `meshid certificate fingerprint`. */
export function addCertificateFingerprint(certificate: Command, io: CliIo): void {
  certificate
    .command('fingerprint')
    .description('print the SHA-256 of each certificate of a file in hexadecimal, one a line; nothing is verified')
    .argument('<file>', 'PEM with any number of certificates, or the DER of one; - is standard input')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid certificate fingerprint ca.crt
  $ meshid certificate fingerprint --json ca-bundle.crt

The identity server writes the same digits into its log when it issues a certificate.`,
    )
    .action((file: string, options: { readonly json?: true }) => runCertificateFingerprint(file, options, io))
}

async function runCertificateFingerprint(file: string, options: { readonly json?: true }, io: CliIo): Promise<void> {
  const { certificates, ignored } = await readCertificates(file, io)
  if (options.json !== true) {
    for (const one of certificates) io.out(`${fingerprint(one)}\n`)
    return
  }
  const records = certificates.map((one) => ({ subject: one.subject.text(), fingerprint: fingerprint(one) }))
  printJson({ certificates: records, ignored }, io)
}
