import { createOwnCertifier, type OwnCertifierOptions } from './own-certifier.ts'
import { keepBusy, type RequestMix } from './keep-busy.ts'
import { answerProbe, type ProbeQuestion } from './memory-probe.ts'

/** What the program is started with, as JSON in its first argument. */
export type OwnProgramOptions = RequestMix & Omit<OwnCertifierOptions, 'onProgress'>

/** What it is asked for: some requests, or what is asked of any process that is watched. */
export type OwnProgramQuestion =
  | ProbeQuestion
  | { readonly ask: 'each' }
  | { readonly ask: 'more'; readonly requests: number }

// A process of its own, whose memory is nobody else's: the certifier and its callers.
const options = JSON.parse(process.argv[2] ?? '{}') as OwnProgramOptions
const certifier = await createOwnCertifier(options)
const load = keepBusy(options, (proxy) => certifier.certify(proxy))

async function answer(question: OwnProgramQuestion): Promise<void> {
  if (question.ask === 'each') await load.each()
  if (question.ask === 'more') await load.more(question.requests)
  process.send?.(answerProbe(question.ask === 'snapshot' ? question : { ask: 'memory' }))
}
process.on('message', (question: OwnProgramQuestion) => void answer(question))
process.once('disconnect', () => process.exit())
process.send?.(answerProbe({ ask: 'memory' }))
