import { createRequire } from 'node:module'

/** This example's version, as its package.json has it. */
export const version: string = (createRequire(import.meta.url)('../package.json') as { version: string }).version
