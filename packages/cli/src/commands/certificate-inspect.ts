import { inspectCertificate } from '@meshid/certificate'
import type { Command } from 'commander'
import { certificateRecord } from '../certificate-record.ts'
import type { CliIo } from '../io.ts'
import { printJson } from '../print.ts'
import { readCertificates } from '../read-certificates.ts'

/** Adds `meshid certificate inspect`. */
export function addCertificateInspect(certificate: Command, io: CliIo): void {
  certificate
    .command('inspect')
    .description('show every certificate of a file; nothing is verified')
    .argument('<file>', 'PEM with any number of certificates, or the DER of one; - is standard input')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid certificate inspect issuer.crt
  $ meshid certificate inspect --json ca-bundle.crt
  $ kubectl get cm linkerd-identity-trust-roots -n linkerd -o jsonpath='{.data.ca-bundle\\.crt}' | meshid certificate inspect -`,
    )
    .action((file: string, options: { readonly json?: true }) => runCertificateInspect(file, options, io))
}

async function runCertificateInspect(file: string, options: { readonly json?: true }, io: CliIo): Promise<void> {
  const { certificates, ignored } = await readCertificates(file, io)
  const now = io.now()
  if (options.json === true) {
    printJson({ certificates: certificates.map((one) => certificateRecord(one, now)), ignored }, io)
    return
  }
  const texts = certificates.map((one) => inspectCertificate(one, { now }))
  const count = texts.length
  io.out(count === 1 ? texts.join('') : texts.map((text, at) => `[${at + 1} of ${count}]\n${text}`).join('\n'))
}
