/** Widest line of a formatted explanation, in characters. */
export const EXPLANATION_WIDTH = 120

/** How a paragraph is set. */
export interface Paragraph {
  /** Before its first line. */
  readonly first: string
  /** Before the others. */
  readonly rest: string
}

/** Breaks a text between words into lines of at most {@link EXPLANATION_WIDTH}; a word that is longer than a line is cut. */
export function wrapText(text: string, { first, rest }: Paragraph): readonly string[] {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    for (const piece of piecesOf(word, EXPLANATION_WIDTH - Math.max(first.length, rest.length))) {
      if (!isEmpty && line.length + 1 + piece.length > EXPLANATION_WIDTH) {
        lines.push(line)
        line = rest
        isEmpty = true
      }
      line += isEmpty ? piece : ` ${piece}`
      isEmpty = false
    }
  }
  return [...lines, line.trimEnd()]
}

function piecesOf(word: string, width: number): readonly string[] {
  const size = Math.max(width, 1)
  const pieces: string[] = []
  for (let at = 0; at < word.length; at += size) pieces.push(word.slice(at, at + size))
  return pieces
}
