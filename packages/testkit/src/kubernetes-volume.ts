import { randomInt } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Content by name; a name may have folders in it, as `items` of a volume do. */
export type VolumeFiles = Readonly<Record<string, string | Uint8Array>>

/** A directory kept as the kubelet keeps Secrets, ConfigMaps and projected tokens. */
export interface KubernetesVolume {
  readonly path: string
  /** Swaps in exactly these files; does nothing when nothing differs. Calls must not overlap, as the kubelet's do not. */
  readonly update: (files: VolumeFiles) => Promise<void>
}

/**
 * Makes the directory (if needed) and fills it as the kubelet's atomic writer does: a timestamped folder, `..data_tmp`
 * renamed over `..data`, one symbolic link for each visible name, the old folder removed.
 * @see Kubernetes `pkg/volume/util/atomic_writer.go`, whose eleven steps are numbered below
 */
export async function createKubernetesVolume(directory: string, files: VolumeFiles): Promise<KubernetesVolume> {
  await mkdir(directory, { recursive: true })
  const update = async (next: VolumeFiles): Promise<void> => {
    checkNames(next) // 1
    const old = await readlink(join(directory, '..data')).catch(() => undefined) // 2
    const stale = old === undefined ? [] : await staleNames(join(directory, old), next) // 3
    if (old !== undefined && stale.length === 0 && (await isSame(join(directory, old), next))) return // 4
    const folder = await newFolder(directory) // 5
    await fill(join(directory, folder), next) // 6
    await showNames(directory, next) // 7
    await symlink(folder, join(directory, '..data_tmp')) // 8
    await rename(join(directory, '..data_tmp'), join(directory, '..data')) // 9
    for (const name of stale) await rm(join(directory, name), { force: true }) // 10
    if (old !== undefined) await rm(join(directory, old), { recursive: true }) // 11
  }
  await update(files)
  return { path: directory, update }
}

function checkNames(files: VolumeFiles): void {
  for (const name of Object.keys(files)) {
    if (name.startsWith('..') || name.split('/').some((part) => part === '' || part === '..')) {
      throw new RangeError(`expected a relative name that does not begin with '..', found ${JSON.stringify(name)}`)
    }
  }
}

/** The visible names (first parts of the paths) that the new payload does not have any more. */
async function staleNames(folder: string, files: VolumeFiles): Promise<readonly string[]> {
  const next = visibleNames(files)
  return (await readdir(folder)).filter((name) => !next.has(name))
}

async function isSame(folder: string, files: VolumeFiles): Promise<boolean> {
  for (const [name, content] of Object.entries(files)) {
    const found = await readFile(join(folder, name)).catch(() => undefined)
    if (found === undefined || Buffer.compare(found, Buffer.from(content)) !== 0) return false
  }
  return true
}

/** `..2026_11_21_10_00_00.123456789`, mode 0755 whatever the umask. */
async function newFolder(directory: string): Promise<string> {
  for (;;) {
    const time = new Date().toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_')
    const folder = `..${time}.${randomInt(1, 2 ** 32)}`
    const made = await mkdir(join(directory, folder)).then(
      () => true,
      () => false,
    )
    if (made) {
      await chmod(join(directory, folder), 0o755)
      return folder
    }
    await lstat(directory) // The name was taken, or the directory is gone: then this says so.
  }
}

async function fill(folder: string, files: VolumeFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    await chmod(path, 0o644)
  }
}

async function showNames(directory: string, files: VolumeFiles): Promise<void> {
  for (const name of visibleNames(files)) {
    await symlink(join('..data', name), join(directory, name)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    })
  }
}

function visibleNames(files: VolumeFiles): ReadonlySet<string> {
  return new Set(Object.keys(files).map((name) => name.replace(/\/.*$/s, '')))
}
