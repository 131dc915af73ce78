import { readFile, rm, stat } from 'node:fs/promises'
import { buildCsr, CsrError, MAX_COMMON_NAME_LENGTH, parseCsr, type VerifiedCsr, verifyCsr } from '@meshid/csr'
import { isSameKey, KeysError, parsePrivateKey, type PrivateKey } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { MountsError, writeFileWhole } from '@meshid/mounts'
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

/** The permissions that others may have on `key.p8`: none. */
const OTHERS = 0o077

/**
 * Takes the key and the CSR from the directory, or makes and writes new ones: P-256, `key.p8` and `csr.der`, whole, mode
 * 0600. What is found is used again only if nobody else may read the key, the key parses, and the CSR proves possession
 * of it and asks for this very name; it is never sent otherwise.
 * @throws WorkloadError WORKLOAD_FILE_UNREADABLE, WORKLOAD_FILE_UNWRITABLE
 * @see Linkerd `proxy-identity/main.go`; story.md chapter 6
 */
export async function prepareKeyMaterial(
  directory: EndEntityDirectory,
  options: PrepareKeyMaterialOptions,
): Promise<KeyMaterial> {
  if (options.renew === true) return createKeyMaterial(directory, options, 'a new key was asked for')
  const found = await findKeyMaterial(directory, options.name)
  return typeof found === 'string' ? createKeyMaterial(directory, options, found) : found
}

/** What the directory holds, or the reason why that is not used. */
async function findKeyMaterial(directory: EndEntityDirectory, name: WorkloadName): Promise<KeyMaterial | string> {
  const key = await readIfThere(directory.keyPath)
  const csr = await readIfThere(directory.csrPath)
  if (key === undefined) return csr === undefined ? 'no key and no CSR were there' : 'no key was there'
  if (csr === undefined) return 'no CSR was there'
  if ((key.mode & OTHERS) !== 0) return `others could read the key: mode ${(key.mode & 0o777).toString(8)}`
  const privateKey = judge(key.bytes, csr.bytes, name)
  if (typeof privateKey === 'string') return privateKey
  return Object.freeze({ privateKey, csr: csr.bytes, origin: Object.freeze({ kind: 'found' }) })
}

async function readIfThere(path: string): Promise<{ bytes: Uint8Array; mode: number } | undefined> {
  try {
    const { mode } = await stat(path)
    return { bytes: new Uint8Array(await readFile(path)), mode }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    const message = `${path}: expected to read it, the system said ${code}`
    throw new WorkloadError('WORKLOAD_FILE_UNREADABLE', message, { detail: { path }, cause })
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
  { name, keyFormat }: PrepareKeyMaterialOptions,
  reason: string,
): Promise<KeyMaterial> {
  const material = await generateKeyMaterial(name, reason)
  await writeKeyMaterial(directory, material, { name, ...(keyFormat ? { keyFormat } : {}) })
  return material
}

/** A new P-256 key and the CSR for it, in memory only. */
export async function generateKeyMaterial(name: WorkloadName, reason: string): Promise<KeyMaterial> {
  const privateKey = generateNodePrivateKey('P-256')
  const csr = await buildCsr({ signer: createNodeSigner(privateKey), ...requestedNames(name) })
  return Object.freeze({ privateKey, csr, origin: Object.freeze({ kind: 'created', reason }) })
}

/**
 * Puts a pair in the place of the one that is there. No file is ever torn, and at no instant do a key and a CSR lie there
 * that do not belong together, whenever the process is killed: the old CSR goes first, then the key is replaced, then the
 * new CSR comes. A start that finds a key without a CSR makes a new pair.
 * @throws WorkloadError WORKLOAD_FILE_UNWRITABLE
 */
export async function writeKeyMaterial(
  directory: EndEntityDirectory,
  { privateKey, csr }: Pick<KeyMaterial, 'privateKey' | 'csr'>,
  { name, keyFormat = name.kind === 'spiffe' ? 'pem' : 'der' }: Pick<PrepareKeyMaterialOptions, 'name' | 'keyFormat'>,
): Promise<void> {
  const key = keyFormat === 'pem' ? new TextEncoder().encode(privateKey.toPkcs8Pem()) : privateKey.toPkcs8()
  await remove(directory.csrPath)
  await write(directory.keyPath, key)
  await write(directory.csrPath, csr)
}

/** A DNS name is also the common name, as Linkerd has it, unless it is too long for one (Q52). */
function requestedNames(name: WorkloadName) {
  if (name.kind === 'spiffe') return { uris: [name.spiffeId.toString()] }
  const { dnsName } = name
  return dnsName.length > MAX_COMMON_NAME_LENGTH
    ? { dnsNames: [dnsName] }
    : { commonName: dnsName, dnsNames: [dnsName] }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const message = `${path}: expected to remove it, the system said ${code}`
    throw new WorkloadError('WORKLOAD_FILE_UNWRITABLE', message, { detail: { path }, cause })
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileWhole(path, bytes, { mode: FILE_MODE })
  } catch (cause) {
    if (!(cause instanceof MountsError)) throw cause
    const message = `${path}: ${cause.code}: ${cause.message}`
    throw new WorkloadError('WORKLOAD_FILE_UNWRITABLE', message, { detail: { path }, cause })
  }
}
