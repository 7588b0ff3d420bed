import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../src/package.ts'

export interface Ended {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

interface Surroundings {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
}

/** A running `onboard`, as a process of its own off a terminal. */
export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves once stdout or stderr has this in it. */
  said(text: string): Promise<void>
}

/** Starts bin/run.js with these words; nothing of this process's environment but what finds programs reaches it. */
export function start(argv: readonly string[], { cwd, env = {}, stdin = '' }: Surroundings): Running {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, [join(packageRoot, 'bin', 'run.js'), ...argv], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ONBOARD_BCRYPT_COST: '4', ONBOARD_ACTOR: 'Eva Weber <eva@vendor.example>', ...env },
  })
  const written = { stdout: '', stderr: '' }
  const waiting: { text: string; done: () => void }[] = []
  const take = (name: 'stdout' | 'stderr') => (chunk: string) => {
    written[name] += chunk
    for (const { text, done } of waiting) if (written[name].includes(text)) done()
  }
  child.stdout.setEncoding('utf8').on('data', take('stdout'))
  child.stderr.setEncoding('utf8').on('data', take('stderr'))
  // A command that refuses its arguments does not wait for what is piped into it.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ exit: code ?? (signal === 'SIGINT' ? 130 : -1), ...written }))
  })
  return {
    process: child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        if (written.stdout.includes(text) || written.stderr.includes(text)) return resolve()
        waiting.push({ text, done: resolve })
        void ended.then(() => reject(new Error(`ended without saying ${text}:\n${written.stdout}${written.stderr}`)), reject)
      }),
  }
}

/** The same to its end. */
export const onboard = (argv: readonly string[], surroundings: Surroundings): Promise<Ended> => start(argv, surroundings).ended
