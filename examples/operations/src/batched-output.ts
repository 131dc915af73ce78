/** What is written at once at most, in characters, so that a turn with much to say does not hold it all. */
export const MAX_BATCH_CHARACTERS = 65_536

/**
 * Makes a writer of lines to standard output that writes the lines of one turn of the event loop at once, because each write
 * is a system call, which costs as much as a signature. What is left when the process exits is written then.
 */
export function batchedOutput(
  write: (text: string) => void = (text) => void process.stdout.write(text),
): (line: string) => void {
  let waiting = ''
  const flush = (): void => {
    process.off('exit', flush)
    const text = waiting
    waiting = ''
    if (text !== '') write(text)
  }
  return (line) => {
    if (waiting === '') {
      process.once('exit', flush)
      setImmediate(flush)
    }
    waiting += line
    if (waiting.length >= MAX_BATCH_CHARACTERS) flush()
  }
}
