/**
 * Reviews the token of a file through every layer, lets go of it, and looks for its parts in a snapshot of the heap, where
 * the answer is still remembered. Arguments: host, port, CA file, token file of the caller, the file with the token.
 */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { createClusterTransport } from '@meshid/token-review/node'
import { startGateway } from '../gateway.ts'

const [host = '', port = '', caFile = '', tokenFile = '', subjectFile = ''] = process.argv.slice(2)
using transport = createClusterTransport({ host, port: Number(port), caFile, tokenFile })
const gateway = await startGateway(transport)

/** The token lives in this function only, and in whatever it is given to. */
async function review(change: (token: string) => string): Promise<string> {
  return gateway.reviewer.review(change(readFileSync(subjectFile, 'latin1'))).then(
    () => 'accepted',
    (error: Error) => error.message,
  )
}

/** Pieces of the payload and of the signature, cut when the snapshot is there already. */
function pieces(token: string): readonly string[] {
  const [, payload = '', signature = ''] = token.split('.')
  return [payload.slice(0, 40), payload.slice(200, 240), payload.slice(-40), signature.slice(0, 40)]
}

const outcomes = [await review((token) => token), await review((token) => token), await review((token) => `${token}A`)]
const kept = Buffer.from(`kept by process ${process.pid}`).toString('latin1')
const { size } = gateway.memory
setFlagsFromString('--heap-snapshot-string-limit=1000000')
for (let pass = 0; pass < 3; pass += 1) globalThis.gc?.()
const snapshot = await text(getHeapSnapshot())
const found = pieces(readFileSync(subjectFile, 'latin1')).filter((piece) => snapshot.includes(piece))
process.stdout.write(
  JSON.stringify({ outcomes, size, found, findsWhatIsKept: snapshot.includes(kept), events: gateway.events }),
)
