import { refusal } from './errors.ts'
import { describeJson, type JsonObject } from './json-value.ts'

type DuplicateCode =
  | 'TRUST_BUNDLE_MEMBER_DUPLICATE'
  | 'TRUST_BUNDLE_KEY_MEMBER_DUPLICATE'
  | 'TRUST_BUNDLE_TRUST_DOMAIN_DUPLICATE'

/** Readers could differ about members that are there twice, however their names are escaped. */
export function checkDuplicates({ duplicates }: JsonObject, code: DuplicateCode, what: string): void {
  const [name] = duplicates
  if (name !== undefined) throw refusal(code, what, 'each member once', `${describeJson(name)} twice`)
}
