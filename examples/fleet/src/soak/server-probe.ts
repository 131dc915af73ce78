import { answerProbe, type ProbeQuestion } from './memory-probe.ts'

// Is loaded into the identity server before its own main, by --import: the server itself is the one that is shipped.
process.on('message', (question: ProbeQuestion) => process.send?.(answerProbe(question)))
