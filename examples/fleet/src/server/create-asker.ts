import { type ChildProcess, type Serializable } from 'node:child_process'
import { once } from 'node:events'

/** Asks a process something and waits for its answer; one question at a time. */
export type Asker = (question: Serializable) => Promise<unknown>

/** Makes the asker of a child with a channel; `failed` rejects when the child ends. */
export function createAsker(child: ChildProcess, failed: Promise<never>): Asker {
  return async (question) => {
    const answered = once(child, 'message')
    child.send(question)
    const [answer] = await Promise.race([answered, failed])
    return answer
  }
}
