/** Says that a refusal was printed as the answer of the command, so that only the exit status is left to say. */
export class ToldRefusal extends Error {
  override readonly name = 'ToldRefusal'
}
