/** What a thread of `createVerifierThreads` runs. It imports nothing but Node and its neighbours, so it runs from wherever it lies. */
import { parentPort } from 'node:worker_threads'
import { type SignatureBatch, verifyBatch } from './signature-batch.ts'

parentPort?.on('message', (batch: SignatureBatch) => {
  const given = verifyBatch(batch)
  parentPort?.postMessage(given, [given.buffer])
})
