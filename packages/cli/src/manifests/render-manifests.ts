import { stringify } from 'yaml'
import type { Manifest } from './kubernetes-object.ts'

/** Renders objects as one YAML stream, each below its comment. */
export function renderYaml(manifests: readonly Manifest[]): string {
  return manifests.map(renderDocument).join('---\n')
}

function renderDocument({ comment, object }: Manifest): string {
  const lines = comment.split('\n').map((line) => `# ${line}\n`)
  return lines.join('') + stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })
}
