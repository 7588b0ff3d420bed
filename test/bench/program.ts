import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Place } from './place.ts'

export interface Ended {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  /** Largest resident memory, in megabytes; NaN where it was not asked for. */
  readonly memory: number
}

interface How {
  readonly env?: Record<string, string>
  /** Measured by the program itself, a Node program, as it exits. */
  readonly memory?: boolean
  /** Default: the place's folder. */
  readonly cwd?: string
}

/** Runs a program to its end. */
export function run(
  place: Place, program: string, args: readonly string[],
  { env = {}, memory = false, cwd = place.folder }: How = {},
): Promise<Ended> {
  const gauge = path.join(place.folder, 'memory.txt')
  const measured: Record<string, string> = !memory ? {} : {
    NODE_OPTIONS: `--import=${JSON.stringify(gaugeScript(place))}`, BENCH_GAUGE: gauge,
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd, env: { ...place.env, ...env, ...measured }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] }
    child.stdout.on('data', (data: Buffer) => said.out.push(data))
    child.stderr.on('data', (data: Buffer) => said.err.push(data))
    child.once('error', reject)
    child.once('close', (exit) => resolve({
      exit,
      stdout: Buffer.concat(said.out).toString(),
      stderr: Buffer.concat(said.err).toString(),
      memory: memory ? Number(fs.readFileSync(gauge, 'utf8')) / 1024 : Number.NaN,
    }))
  })
}

/** As `run`, for programs that must end with one of `fine`. */
export async function must(fine: readonly number[], ended: Promise<Ended>): Promise<Ended> {
  const result = await ended
  if (result.exit !== null && fine.includes(result.exit)) return result
  throw new Error(`a program ended with ${result.exit}: ${result.stderr || result.stdout}`)
}

function gaugeScript(place: Place): string {
  const file = path.join(place.folder, 'gauge.mjs')
  fs.writeFileSync(file, `import { writeFileSync } from 'node:fs'
process.once('exit', () => writeFileSync(process.env.BENCH_GAUGE, String(process.resourceUsage().maxRSS)))\n`)
  return file
}
