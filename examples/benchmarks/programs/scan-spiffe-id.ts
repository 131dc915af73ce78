import { isSpiffeId, parseSpiffeId } from '@meshid/spiffe-id'
import { contest } from '../src/contest.ts'
import { printResult, ratioOf } from '../src/result.ts'

const short = 'spiffe://cluster.local/ns/default/sa/web'
const long = 'spiffe://prod.acme.example/region/eu-west-1/team/payments/service/ledger-writer'

/** Calls in one turn of a contender, because one call takes less than the harness around it. */
const CALLS = 1000

/** Adds up something of every result, so that no work can be left out. */
const repeat = (work: () => number) => (): number => {
  let sum = 0
  for (let call = 0; call < CALLS; call++) sum += work()
  return sum
}

const outcomes = await contest([
  { name: 'new URL()', run: repeat(() => new URL(short).pathname.length) },
  { name: 'meshid: isSpiffeId', run: repeat(() => (isSpiffeId(short) ? 1 : 0)) },
  { name: 'meshid: parseSpiffeId', run: repeat(() => parseSpiffeId(short).path.length) },
  { name: 'meshid: isSpiffeId of 79 bytes', run: repeat(() => (isSpiffeId(long) ? 1 : 0)) },
])
printResult({
  title: `Scanning a SPIFFE ID, ${CALLS} times`,
  outcomes,
  values: { T11: ratioOf(outcomes, 'meshid: isSpiffeId') },
})
