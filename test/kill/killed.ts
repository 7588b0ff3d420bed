/** A process of its own, which is killed at a point or at a moment. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Database } from '../../src/database/open.ts'
import { environmentOf } from '../support/database.ts'

export type OnLine = (line: string, kill: () => void) => void

export interface Killed {
  /** The points that it reached, and what else it said, in order. */
  readonly lines: readonly string[]
  /** The signal that ended it; null where it ended by itself. */
  readonly signal: string | null
  readonly errors: string
}

/** Starts a child of this folder with arguments; `onLine` hears its points, and may kill it. */
export function start(
  database: Database, file: string, args: readonly string[], onLine: OnLine = () => undefined,
): Promise<Killed> {
  const proc = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    env: { ...process.env, ...environmentOf(database) }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  let errors = ''
  proc.stderr.on('data', (data: Buffer) => { errors += data })
  proc.stdout.on('data', (data: Buffer) => {
    for (const line of data.toString().split('\n').filter(Boolean)) {
      lines.push(line)
      onLine(line, () => proc.kill('SIGKILL'))
    }
  })
  return new Promise((resolve) => proc.on('close', (_code, signal) => resolve({ lines, signal, errors })))
}
