#!/usr/bin/env node
import { createProcessIo } from './process-io.ts'
import { createProgram } from './program.ts'

process.exitCode = await createProgram(createProcessIo(process)).run(process.argv.slice(2))
