import { mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { VolumeFiles } from './kubernetes-volume.ts'

/** A directory of plain files that are overwritten in place, as subPath mounts and hand-made folders are. */
export interface PlainMount {
  readonly path: string
  /** Overwrites these files, one after the other, each in place. */
  readonly update: (files: VolumeFiles) => Promise<void>
  /**
   * Overwrites one file in place but stops after `cut` bytes, as a slow writer does; gives a function that writes the
   * rest and closes the file.
   */
  readonly updateTorn: (name: string, content: string | Uint8Array, cut: number) => Promise<() => Promise<void>>
}

/** Makes the directory (if needed) and writes the files into it. */
export async function createPlainMount(directory: string, files: VolumeFiles): Promise<PlainMount> {
  const update = async (next: VolumeFiles): Promise<void> => {
    for (const [name, content] of Object.entries(next)) {
      await mkdir(dirname(join(directory, name)), { recursive: true })
      await writeFile(join(directory, name), content)
    }
  }
  const updateTorn = async (name: string, content: string | Uint8Array, cut: number): Promise<() => Promise<void>> => {
    const bytes = Buffer.from(content)
    const handle = await open(join(directory, name), 'w')
    await handle.write(bytes.subarray(0, cut))
    return async () => {
      await handle.write(bytes.subarray(cut))
      await handle.close()
    }
  }
  await mkdir(directory, { recursive: true })
  await update(files)
  return { path: directory, update, updateTorn }
}
