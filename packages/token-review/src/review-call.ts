import { TokenReviewError } from './errors.ts'
import { type JsonRecord, readRecord, wrongField } from './json-fields.ts'
import type { KubernetesTransport } from './kubernetes-transport.ts'
import { checkStatus } from './response-status.ts'
import { sendRequest } from './send-request.ts'

/** The longest answer that is read, in bytes: a token review has a few KiB, mostly groups of the user. */
export const MAX_RESPONSE_BYTES = 1_048_576

/** A Kubernetes resource that is a question: it is created, never stored, and its answer is its `status`. */
export interface ReviewKind {
  readonly apiVersion: string
  readonly kind: string
  readonly path: string
}

/** What is asked. */
export interface ReviewQuestion {
  readonly spec: JsonRecord
  readonly signal?: AbortSignal | undefined
}

/** Asks the API server one such question and gives its `status`, whose fields are not checked yet. */
export async function callReview(
  transport: KubernetesTransport,
  review: ReviewKind,
  { spec, signal }: ReviewQuestion,
): Promise<JsonRecord> {
  signal?.throwIfAborted()
  const { apiVersion, kind, path } = review
  const body = JSON.stringify({ apiVersion, kind, metadata: { creationTimestamp: null }, spec })
  const response = await sendRequest(transport, { method: 'POST', path, body, signal })
  checkStatus(response)
  return parseStatus(review, response.body)
}

function parseStatus({ apiVersion, kind }: ReviewKind, body: string): JsonRecord {
  const answer = readAnswer(body)
  if (answer['kind'] !== kind) throw wrongField('kind', kind, answer['kind'])
  if (answer['apiVersion'] !== apiVersion) throw wrongField('apiVersion', apiVersion, answer['apiVersion'])
  if (answer['status'] === undefined) throw wrongField('status', 'an object', undefined)
  return readRecord(answer['status'], 'status')
}

/** Reads the JSON object that an answer is; its fields are not checked yet. */
export function readAnswer(body: string): JsonRecord {
  if (body.length > MAX_RESPONSE_BYTES) throw tooLarge(MAX_RESPONSE_BYTES)
  return readRecord(parseJson(body), 'the answer')
}

/** A review answer repeats the token that was asked about, and JSON.parse quotes its input: its error must not become a cause. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new TokenReviewError(
      'TOKEN_REVIEW_RESPONSE_INVALID',
      'answer of the API server: expected JSON, found other text',
      {
        detail: { expected: 'JSON', found: `${body.length} characters that are not JSON` },
      },
    )
  }
}

/** The refusal of an answer that is longer than the limit. */
export function tooLarge(limit: number): TokenReviewError {
  return new TokenReviewError(
    'TOKEN_REVIEW_RESPONSE_INVALID',
    `answer of the API server: expected at most ${limit} bytes, found more`,
    { detail: { expected: `at most ${limit} bytes`, found: 'more', limit } },
  )
}
