import type { Row } from './row.ts'
import { answerRows } from './rows-answer.ts'
import { requestRows } from './rows-request.ts'
import { reviewRows } from './rows-review.ts'

/** Sections 4 and 5 of Linkerd's behaviour, row by row. */
export const rows: readonly Row[] = [...requestRows, ...reviewRows, ...answerRows]

const deviations = rows.filter(({ deviation }) => deviation !== undefined).length

/** How many there are; docs/linkerd.md has this line too. */
export const summary: string = `contract: ${rows.length} rows, ${rows.length - deviations} as Linkerd, ${deviations} deviations`
