import { createHash } from 'node:crypto'
import { MountsError } from './errors.ts'

/**
 * Some files of a directory as they were at one moment: all of one generation.
 *
 * Nothing about their content was checked. Printing a snapshot shows names and sizes, never content.
 */
export class MountSnapshot {
  /** The content by name, in the order that was asked for. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** SHA-256 in hex over names and content: equal exactly when both are. */
  readonly digest: string
  /** The absolute path of the folder that was read: behind `..data`, the generation's own. */
  readonly source: string

  constructor(files: ReadonlyMap<string, Uint8Array>, source: string) {
    this.files = files
    this.digest = digestOf(files)
    this.source = source
    Object.defineProperty(this, Symbol.for('nodejs.util.inspect.custom'), { value: () => this.toJSON() })
    Object.freeze(this)
  }

  /**
   * The content of one file; a view, not a copy.
   * @throws RangeError when the snapshot was not asked for that file.
   */
  bytes(name: string): Uint8Array {
    const bytes = this.files.get(name)
    if (bytes === undefined) throw new RangeError(`expected one of ${[...this.files.keys()].join(', ')}, found ${name}`)
    return bytes
  }

  /**
   * The content of one file as strict UTF-8.
   * @throws RangeError when the snapshot was not asked for that file; MountsError `MOUNTS_NOT_TEXT`.
   */
  text(name: string): string {
    const bytes = this.bytes(name)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch (cause) {
      const path = `${this.source}/${name}`
      throw new MountsError('MOUNTS_NOT_TEXT', `expected UTF-8 in ${path}, found other bytes`, {
        detail: { path },
        cause,
      })
    }
  }

  toJSON(): { readonly source: string; readonly digest: string; readonly files: Readonly<Record<string, string>> } {
    const sizes = [...this.files].map(([name, bytes]) => [name, `[redacted] ${bytes.length} bytes`])
    return { source: this.source, digest: this.digest, files: Object.fromEntries(sizes) }
  }
}

/** Each name and content goes in behind its length, so that no two sets of files give the same input. */
function digestOf(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256')
  for (const [name, bytes] of files) {
    hash.update(`${Buffer.byteLength(name)} ${bytes.length} ${name}`)
    hash.update(bytes)
  }
  return hash.digest('hex')
}
