import { bundleProgram, programs } from './bundle-program.ts'

/** `node src/main.ts <program> <directory>`: what an image's build stage runs. */
const [name, directory] = process.argv.slice(2)
const program = programs.find((each) => each === name)
if (program === undefined || directory === undefined) {
  console.error(`usage: main.ts ${programs.join('|')} <directory>`)
  process.exitCode = 2
} else {
  await bundleProgram(program, directory)
}
