import { buildCsr, MAX_COMMON_NAME_LENGTH, parseCsr, verifyCsr } from '@meshid/csr'
import { keyIdentifier } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { formatWorkloadName, parseWorkloadName, type WorkloadName } from '@meshid/workload'
import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { writeOutputs } from '../output-files.ts'
import { formatHex, printFacts, printJson } from '../print.ts'
import { readSigner } from '../read-signer.ts'

interface CsrCreateOptions {
  readonly name: string
  readonly key: string
  readonly out: string
  readonly force?: true
  readonly json?: true
}

/** Adds `meshid csr create`. */
export function addCsrCreate(csr: Command, io: CliIo): void {
  csr
    .command('create')
    .description('create a request for one name, signed by the key that is to be certified')
    .requiredOption('--name <name>', 'a SPIFFE ID with a path, or a DNS name of two or more labels')
    .requiredOption('--key <file>', 'the private key (PKCS#8 or SEC1; P-256, P-384 or Ed25519)')
    .requiredOption('--out <file>', 'where to write the request (DER, mode 0600)')
    .option('-f, --force', 'replace a file that exists')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid csr create --name spiffe://cluster.local/ns/emojivoto/sa/web --key key.p8 --out csr.der
  $ meshid csr create --name web.emojivoto.serviceaccount.identity.linkerd.cluster.local --key key.p8 --out csr.der

A SPIFFE ID becomes a URI name below an empty subject; a DNS name becomes a DNS name and, if it fits, the common name.`,
    )
    .action((options: CsrCreateOptions) => runCsrCreate(options, io))
}

async function runCsrCreate({ name: text, key, out, force, json }: CsrCreateOptions, io: CliIo): Promise<void> {
  const name = parseWorkloadName(text)
  const publicKey = await writeOutputs({ paths: [out], inputs: [key], force: force === true }, async () => {
    const signer = await readSigner(key, io)
    const der = await buildCsr({ signer, ...namesOf(name) })
    const { publicKey: result } = verifyCsr(parseCsr(der), { verifier: nodeVerifier })
    return { files: [{ path: out, content: der, mode: 0o600 }], result }
  })
  const record = { algorithm: publicKey.algorithm, keyId: formatHex(keyIdentifier(publicKey)) }
  if (json === true) {
    printJson({ name: formatWorkloadName(name), publicKey: record, requestFile: out }, io)
    return
  }
  printFacts(
    [
      ['Name', formatWorkloadName(name)],
      ['Public key', `${record.algorithm} ${record.keyId}`],
    ],
    io,
  )
}

/** A common name has at most 64 characters, so longer names stand in the alternative name alone (Q52). */
function namesOf(name: WorkloadName) {
  if (name.kind === 'spiffe') return { uris: [name.spiffeId.toString()] }
  const { dnsName } = name
  return { dnsNames: [dnsName], ...(dnsName.length <= MAX_COMMON_NAME_LENGTH ? { commonName: dnsName } : {}) }
}
