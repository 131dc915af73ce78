import { readFile } from 'node:fs/promises'
import { buildCsr, CsrError, parseCsr, type VerifiedCsr, verifyCsr } from '@meshid/csr'
import { isSameKey, KeysError, parsePrivateKey, type PrivateKey } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { writeFileWhole } from '@meshid/mounts'
import type { EndEntityDirectory } from './end-entity-directory.ts'
import { WorkloadError } from './errors.ts'
import { formatWorkloadName, type WorkloadName } from './workload-name.ts'

/** How `key.p8` is written: `pem` as the story tells it, `der` as Linkerd's proxy reads it. Both are read. */
export type KeyFormat = 'pem' | 'der'

/** Options of {@link prepareKeyMaterial}. */
export interface PrepareKeyMaterialOptions {
  readonly name: WorkloadName
  /** Default: `pem` for a SPIFFE ID, `der` for a DNS name. */
  readonly keyFormat?: KeyFormat
  /** Makes a new key although a good one is there. Default false. */
  readonly renew?: boolean
}

/** The private key and the request that is sent for it. */
export interface KeyMaterial {
  readonly privateKey: PrivateKey
  /** DER, PKCS#10. */
  readonly csr: Uint8Array
  /** Whether the files were found whole and fit for this name, or why new ones were written. */
  readonly origin: { readonly kind: 'found' } | { readonly kind: 'created'; readonly reason: string }
}

/** Only the owner may read either file. */
const FILE_MODE = 0o600

/**
 * Takes the key and the CSR from the directory, or makes and writes new ones: P-256, `key.p8` and `csr.der`, whole, mode
 * 0600. What is found is used again only if the key parses, the CSR proves possession of it, and asks for this very name.
 * @throws WorkloadError WORKLOAD_FILE_UNREADABLE when a file cannot be read or written
 * @see Linkerd `proxy-identity/main.go`; story.md chapter 6
 */
export async function prepareKeyMaterial(
  directory: EndEntityDirectory,
  options: PrepareKeyMaterialOptions,
): Promise<KeyMaterial> {
  if (options.renew === true) return createKeyMaterial(directory, options, 'a new key was asked for')
  const [key, csr] = await Promise.all([readIfThere(directory.keyPath), readIfThere(directory.csrPath)])
  if (key === undefined || csr === undefined) return createKeyMaterial(directory, options, 'no key and CSR were there')
  const found = judge(key, csr, options.name)
  if (typeof found === 'string') return createKeyMaterial(directory, options, found)
  return Object.freeze({ privateKey: found, csr, origin: Object.freeze({ kind: 'found' }) })
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new WorkloadError('WORKLOAD_FILE_UNREADABLE', `${path}: the system said ${code}`, { detail: { path }, cause })
  }
}

/** The key when both files are good for the name, or the reason why they are not. */
function judge(key: Uint8Array, csr: Uint8Array, name: WorkloadName): PrivateKey | string {
  try {
    const privateKey = parsePrivateKey(key)
    const verified = verifyCsr(parseCsr(csr), { verifier: nodeVerifier })
    if (!isSameKey(verified.publicKey, privateKey.publicKey)) return 'the CSR was for another key'
    return asksFor(verified, name) ? privateKey : 'the CSR was for another name'
  } catch (error) {
    if (error instanceof KeysError) return `the key was not whole: ${error.code}`
    if (error instanceof CsrError) return `the CSR was not whole: ${error.code}`
    throw error
  }
}

function asksFor({ uris, dnsNames }: VerifiedCsr, name: WorkloadName): boolean {
  const names = name.kind === 'spiffe' ? uris : dnsNames
  return uris.length + dnsNames.length === 1 && names[0] === formatWorkloadName(name)
}

async function createKeyMaterial(
  directory: EndEntityDirectory,
  { name, keyFormat = name.kind === 'spiffe' ? 'pem' : 'der' }: PrepareKeyMaterialOptions,
  reason: string,
): Promise<KeyMaterial> {
  const privateKey = generateNodePrivateKey('P-256')
  const names =
    name.kind === 'spiffe'
      ? { uris: [name.spiffeId.toString()] }
      : { commonName: name.dnsName, dnsNames: [name.dnsName] }
  const csr = await buildCsr({ signer: createNodeSigner(privateKey), ...names })
  const key = keyFormat === 'pem' ? new TextEncoder().encode(privateKey.toPkcs8Pem()) : privateKey.toPkcs8()
  await writeFileWhole(directory.keyPath, key, { mode: FILE_MODE })
  await writeFileWhole(directory.csrPath, csr, { mode: FILE_MODE })
  return Object.freeze({ privateKey, csr, origin: Object.freeze({ kind: 'created', reason }) })
}
