import { readFile } from 'node:fs/promises'
import { parseBearerToken } from '../bearer-token.ts'
import { TokenReviewError } from '../errors.ts'

/** What this process shows, and what it trusts, in one call to the API server. */
export interface ClusterCredentials {
  readonly ca: string
  readonly token: string
}

/**
 * Reads both files, each time anew: Kubernetes rotates the token and may swap the CA under a running process.
 *
 * @throws TokenReviewError TOKEN_REVIEW_CREDENTIALS_UNREADABLE
 */
export async function readClusterCredentials(files: {
  readonly caFile: string
  readonly tokenFile: string
}): Promise<ClusterCredentials> {
  const [ca, token] = await Promise.all([
    readPart(files.caFile, 'CA file', checkCa),
    readPart(files.tokenFile, 'token file', (text) => parseBearerToken(text.trim())),
  ])
  return { ca, token }
}

async function readPart(file: string, what: string, parse: (text: string) => string): Promise<string> {
  try {
    return parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new TokenReviewError(
      'TOKEN_REVIEW_CREDENTIALS_UNREADABLE',
      `${what}: expected it to be readable at ${file}`,
      {
        detail: { field: what, expected: `a ${what} at ${file}`, found: describe(cause) },
        cause,
      },
    )
  }
}

/** An empty `ca` would make Node trust every public CA. */
function checkCa(text: string): string {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new TypeError('expected PEM certificates, found none')
  return text
}

function describe(cause: unknown): string {
  if (cause instanceof Error) return 'code' in cause && cause.code === 'ENOENT' ? 'no such file' : cause.message
  return 'nothing'
}
