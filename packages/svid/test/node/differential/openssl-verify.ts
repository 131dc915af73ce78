import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encodePem } from '@meshid/der'
import type { ForgedChain } from '@meshid/testkit'
import type { Verdict } from './verdict.ts'

const run = promisify(execFile)

/** For all chains together, in milliseconds. */
const TIMEOUT_MS = 540_000

/**
 * Asks `openssl verify` about every chain, as strictly as it can be asked: `-x509_strict`, security level 2 (no SHA-1, no RSA
 * below 2048 bits), the purpose of the side, the given time, and only the given anchors, which need not be roots.
 *
 * One process judges all leaves that share anchors, pool and purpose; a shell for each core starts one after the other, and
 * they are on their way when this returns its promise, so that others can judge meanwhile.
 */
export async function opensslVerdicts(chains: readonly ForgedChain[]): Promise<readonly Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'meshid-differential-'))
  try {
    const commands = writeFiles(folder, chains)
    const shells = Array.from({ length: availableParallelism() }, (_, shell) =>
      runShell(
        folder,
        shell,
        commands.filter((_command, index) => index % availableParallelism() === shell),
      ),
    )
    const found = Object.assign({}, ...(await Promise.all(shells))) as Readonly<Record<string, Verdict>>
    return chains.map((_, index) => found[fileOf(index)] ?? { accepted: false, message: 'could not be read' })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** No octets at all are an empty file. */
function pems(ders: readonly Uint8Array[]): string {
  return ders.map((der) => (der.length === 0 ? '' : encodePem('CERTIFICATE', der))).join('')
}

const fileOf = (index: number): string => `leaf-${index}.pem`

function writeFiles(folder: string, chains: readonly ForgedChain[]): readonly string[] {
  const groups = new Map<string, number[]>()
  for (const [index, { chain, anchors, purpose }] of chains.entries()) {
    const name = [purpose, pems(anchors), pems(chain.slice(1))].join('|')
    groups.set(name, [...(groups.get(name) ?? []), index])
    writeFileSync(join(folder, fileOf(index)), pems(chain.slice(0, 1)))
  }
  const commands: string[] = []
  for (const [number, [name, members]] of [...groups].entries()) {
    const [purpose = '', anchors = '', pool = ''] = name.split('|')
    writeFileSync(join(folder, `anchors-${number}.pem`), anchors)
    writeFileSync(join(folder, `pool-${number}.pem`), pool)
    const now = chains[members[0] ?? 0]?.now ?? new Date(0)
    commands.push(
      [
        `openssl verify -x509_strict -auth_level 2 -partial_chain -no-CApath -no-CAstore -purpose ssl${purpose}`,
        `-attime ${now.getTime() / 1000} -CAfile anchors-${number}.pem`,
        pool === '' ? '' : `-untrusted pool-${number}.pem`,
        ...members.map(fileOf),
      ].join(' '),
    )
  }
  return commands
}

async function runShell(
  folder: string,
  shell: number,
  commands: readonly string[],
): Promise<Readonly<Record<string, Verdict>>> {
  const script = join(folder, `shell-${shell}.sh`)
  writeFileSync(script, ['exec >out-$1 2>&1', ...commands, 'true', ''].join('\n'))
  await run('sh', [script, String(shell)], { cwd: folder, timeout: TIMEOUT_MS })
  return readVerdicts(await readFile(join(folder, `out-${shell}`), 'utf8'))
}

/** `leaf-1.pem: OK`, or reasons and then `error leaf-1.pem: verification failed`. */
function readVerdicts(output: string): Readonly<Record<string, Verdict>> {
  const found: Record<string, Verdict> = {}
  let reasons: string[] = []
  for (const line of output.split('\n')) {
    const reason = /^error (\d+) at (\d+) depth lookup: ?(.*)$/.exec(line)
    if (reason !== null) reasons.push(`${reason[3]} (error ${reason[1]}, depth ${reason[2]})`)
    const good = /^(leaf-\d+\.pem): OK$/.exec(line)?.[1]
    if (good !== undefined) found[good] = { accepted: true, message: '' }
    const bad = /^error (leaf-\d+\.pem): verification failed$/.exec(line)?.[1]
    if (bad !== undefined) found[bad] = { accepted: false, message: reasons.join('; ') }
    if (good !== undefined || bad !== undefined) reasons = []
  }
  return found
}
