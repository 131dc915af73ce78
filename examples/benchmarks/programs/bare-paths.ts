/** What the bare server does for a call: import a key, verify and sign; or sign alone. */
export const barePaths = { fresh: '/bare/import-verify-sign', repeated: '/bare/sign' } as const
