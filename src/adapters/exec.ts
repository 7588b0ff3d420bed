import { resolve } from 'node:path'
import { execa } from 'execa'
import type { Program, ProgramResult } from '../contract.ts'
import { OnboardError } from '../errors.ts'

/** What is kept of each stream. */
const KEPT_BYTES = 64 * 1024
/** Variables that everybody has: their values are no secrets, and blacking them out would make output unreadable. */
const COMMON = /^(?:PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|USER|LOGNAME|SHELL|TERM|PWD|SystemRoot|CI)$/i
/** Shorter values occur by chance in any output. */
const LEAST_SECRET = 4
/** What a program may still say after it was told to end. */
const GRACE_MS = 500

interface Settings {
  /** Our own environment, from which `env_from` takes. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that a program's cwd is relative to, and default. */
  readonly cwd: string
  /** Values that no output may show. */
  readonly secrets?: () => readonly string[]
  /** Why programs may not be run, where they may not: an untrusted workspace. */
  readonly refused?: string | null
}

/**
 * Runs programs: an argument list, no shell, an environment of named variables only. A program that outlives its
 * timeout is killed with all its children. Its output is capped and redacted; its exit code is the caller's to judge.
 * @throws OnboardError (invalid, `no-such-program`) where it cannot be started, (usage, `untrusted`) where none may be
 */
export function createExec({
  env,
  cwd,
  secrets = () => [],
  refused = null,
}: Settings): (program: Program) => Promise<ProgramResult> {
  return async (program) => {
    if (refused !== null)
      throw new OnboardError('forbidden', 'untrusted', `${program.argv[0] ?? 'a program'} was not run: ${refused}`, {
        suggestions: ['onboard trust'],
      })
    const taken = (program.env_from ?? []).flatMap((name) =>
      env[name] === undefined ? [] : [[name, env[name]] as const],
    )
    const hidden = [
      ...secrets(),
      ...taken.filter(([name]) => !COMMON.test(name)).map(([, value]) => value),
      ...(program.stdin === undefined ? [] : [program.stdin]),
    ]
    const result = await run(
      program,
      { ...Object.fromEntries(taken), ...program.env },
      resolve(cwd, program.cwd ?? '.'),
    )
    return { ...result, stdout: redacted(result.stdout, hidden), stderr: redacted(result.stderr, hidden) }
  }
}

interface Captured {
  bytes: Buffer[]
  size: number
}

interface Raw {
  readonly exit: number | null
  readonly timed_out: boolean
  readonly stdout: Captured
  readonly stderr: Captured
}

async function run(program: Program, env: Readonly<Record<string, string>>, cwd: string): Promise<Raw> {
  const [file = '', ...args] = program.argv
  const child = execa(file, args, {
    env,
    cwd,
    extendEnv: false,
    reject: false,
    buffer: false,
    shell: false,
    cleanup: true,
    // A process group of its own, so that its children end with it.
    detached: process.platform !== 'win32',
    ...(program.stdin === undefined ? { stdin: 'ignore' } : { input: program.stdin }),
  })
  const stdout = captured(child.stdout)
  const stderr = captured(child.stderr)
  const killGroup = (): void => kill(child.pid)
  process.once('exit', killGroup)
  let timed_out = false
  let giveUp: NodeJS.Timeout | undefined
  const timer = setTimeout(() => {
    timed_out = true
    killGroup()
    // A grandchild that left the group may hold the pipes open for ever.
    giveUp = setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, GRACE_MS)
  }, program.timeout_ms)
  try {
    const result = await child
    const missing = result.failed && result.exitCode === undefined && result.signal === undefined && !timed_out
    if (missing) throw notStarted(file, cwd, 'code' in result ? String(result.code) : '')
    return { exit: timed_out ? null : (result.exitCode ?? null), timed_out, stdout, stderr }
  } finally {
    clearTimeout(timer)
    clearTimeout(giveUp)
    process.removeListener('exit', killGroup)
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    // The group that we made, and whose leader we have not yet waited for: its number cannot be another's.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function notStarted(file: string, cwd: string, code: string): OnboardError {
  const why =
    code === 'ENOENT'
      ? `there is no such program, or no folder ${cwd}`
      : code === 'EACCES'
        ? 'it may not be executed'
        : code
  return new OnboardError('invalid', 'no-such-program', `${file} could not be started: ${why}`)
}

function captured(stream: NodeJS.ReadableStream | null | undefined): Captured {
  const kept: Captured = { bytes: [], size: 0 }
  stream?.on('data', (chunk: Buffer) => {
    if (kept.size < KEPT_BYTES) kept.bytes.push(chunk.subarray(0, KEPT_BYTES - kept.size))
    kept.size += chunk.length
  })
  return kept
}

function redacted(output: Captured, secrets: readonly string[]): string {
  const hidden = [
    ...new Set(secrets.flatMap((s) => [s, ...s.split(/\r?\n/)]).filter((s) => s.length >= LEAST_SECRET)),
  ].sort((a, b) => b.length - a.length)
  const text = Buffer.concat(output.bytes).toString('utf8')
  const clean = (given: string): string => hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), given)
  if (output.size <= KEPT_BYTES) return clean(text)
  // A secret that the cap has cut in two would not be found: its beginning goes too.
  const longest = hidden[0]?.length ?? 0
  const cut = clean(text.slice(0, Math.max(0, text.length - longest)))
  return `${cut}\n… ${output.size} bytes in all; the rest was not kept`
}

/** Runs programs with what this process has: its environment, its folder. */
export const exec = createExec({ env: process.env, cwd: process.cwd() })
