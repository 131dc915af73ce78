import picocolors from 'picocolors'
import type { CliIo } from './io.ts'

/** Colours the marks, the titles and the next step of an explanation, on a screen whose owner does not object (NO_COLOR). */
export function paintExplanation(text: string, { outIsTerminal, env }: CliIo): string {
  const isWanted = outIsTerminal === true && (env['NO_COLOR'] ?? '') === ''
  const { bold, green, red, yellow } = picocolors.createColors(isWanted)
  return text
    .replaceAll(/^( *)✓/gm, (_, indent: string) => indent + green('✓'))
    .replaceAll(/^( *)✗/gm, (_, indent: string) => indent + red('✗'))
    .replaceAll(/^( +)\?/gm, (_, indent: string) => indent + yellow('?'))
    .replaceAll(/◄ decides$/gm, (mark) => red(mark))
    .replaceAll(/^(?:What to fix:|[A-Z][^:\n]*$)/gm, (title) => bold(title))
}
