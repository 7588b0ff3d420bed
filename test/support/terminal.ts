import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../src/package.ts'

const version = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout
/** `script` of util-linux gives a program a terminal of its own. */
export const hasTerminal = version?.includes('util-linux') === true

export const KEYS = {
  enter: '\r', down: '\u001b[B', up: '\u001b[A', ctrlC: '\u0003', ctrlD: '\u0004', clear: '\u0015',
} as const

/** What is waited for on the screen, and what is typed then. */
export type Turn = readonly [asks: string, types: string]

interface Talk {
  readonly exit: number
  /** Everything that was on the screen, without escape codes. */
  readonly text: string
  /** Index of the turn that was waited for when it ended; the number of turns where all were taken. */
  readonly reached: number
}

interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** File that standard output goes to, in place of the terminal. */
  readonly into?: string
}

/** Runs bin/run.js at a terminal, and types each turn once the screen has asked for it since the turn before. */
export function atTerminal(
  argv: readonly string[], turns: readonly Turn[], { cwd, env, into }: Surroundings,
): Promise<Talk> {
  const { PATH = '', HOME = '' } = process.env
  const words = [process.execPath, join(packageRoot, 'bin', 'run.js'), ...argv].map((word) => `'${word}'`)
  const line = words.join(' ') + (into === undefined ? '' : ` > '${into}'`)
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    cwd, env: { PATH, HOME, TERM: 'xterm', COLUMNS: '200', ...env },
  })
  let text = ''
  let seen = 0
  let turn = 0
  let typing = false
  const take = (): void => {
    const [asks, types] = turns[turn] ?? []
    if (asks === undefined || types === undefined || typing) return
    const at = text.indexOf(asks, seen)
    if (at === -1) return
    typing = true
    seen = at + asks.length
    // What has been drawn may still be drawn over: the question takes keys once it is quiet.
    setTimeout(() => {
      turn++
      typing = false
      child.stdin.write(types)
      take()
    }, 60)
  }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += plain(chunk)
    take()
  })
  child.stdin.on('error', () => {})
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ exit: code ?? -1, text, reached: turn }))
  })
}

function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
}
