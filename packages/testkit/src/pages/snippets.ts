import { type SourceFile, sourceFiles } from './source-files.ts'

/** One fenced block of a Markdown page. */
export interface Snippet {
  readonly page: string
  /** Line of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
}

function snippetsOf({ path, text }: SourceFile): Snippet[] {
  const found: Snippet[] = []
  for (const match of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, match.index).split('\n').length
    found.push({ page: path, line, language: match[1] ?? '', code: match[2] ?? '' })
  }
  return found
}

/** Every fenced block in `language` of the project's pages, in page order. */
export function snippets(language: string, pages: RegExp = /\.md$/): readonly Snippet[] {
  return sourceFiles(pages)
    .flatMap(snippetsOf)
    .filter((snippet) => snippet.language === language)
}
