import type { ExpectedDisagreement } from './expected-disagreement.ts'
import { laxerJudges } from './laxer-judges.ts'
import { laxerReaders } from './laxer-readers.ts'
import { stricterJudges } from './stricter-judges.ts'

/** All of them. A disagreement that is not here is a failure, and so is one that is here and does not come up. */
export const expectedDisagreements: readonly ExpectedDisagreement[] = [
  ...laxerJudges,
  ...laxerReaders,
  ...stricterJudges,
]
