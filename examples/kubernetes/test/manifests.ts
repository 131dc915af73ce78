import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from './model.ts'

/** The folder of this example. */
export const exampleRoot: string = fileURLToPath(new URL('..', import.meta.url))

/** Every folder that kustomize builds. */
export const kustomizations = [
  'base',
  'overlays/cert-manager',
  'overlays/cert-manager-linkerd-scheme',
  'overlays/trust-manager',
  'workload',
] as const

/** The objects of a YAML stream; a malformed one throws. */
export function parseObjects(yaml: string): readonly KubernetesObject[] {
  return parseAllDocuments(yaml, { strict: true, uniqueKeys: true }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0]
    return document.toJS() as KubernetesObject
  })
}

/** The text of a file of this example. */
export function readExample(path: string): string {
  return readFileSync(join(exampleRoot, path), 'utf8')
}

/** The objects in the files of a folder, as they stand there: patches are not applied. */
export function objectsInFiles(folder: string): readonly KubernetesObject[] {
  return readdirSync(join(exampleRoot, folder))
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .flatMap((name) => parseObjects(readExample(join(folder, name))))
}

/** Whether kubectl, which has kustomize in it, is on this machine. */
export const hasKubectl: boolean = spawnSync('kubectl', ['version', '--client']).status === 0

/** Builds a folder with kustomize; nothing is asked of any cluster. */
export function kustomize(folder: string): readonly KubernetesObject[] {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { cwd: exampleRoot, encoding: 'utf8' })
  if (status !== 0) throw new Error(`kubectl kustomize ${folder}: ${stderr}`)
  return parseObjects(stdout)
}
