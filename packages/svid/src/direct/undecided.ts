/** What is found is not the plain shape that is decided here; never leaves the package. */
export class Undecided extends Error {
  override readonly name = 'Undecided'
}

/** Gives up unless the condition holds; what is wrong is for `verifySvid` to say. */
export function expectPlain(condition: boolean): asserts condition {
  if (!condition) throw new Undecided()
}
