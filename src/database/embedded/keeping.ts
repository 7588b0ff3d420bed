import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { SOCKET_NAME, type Home } from './home.ts'

/** Advisory lock of the one keeper, in database `postgres`. */
const KEEPER_LOCK = 7_265_010_118

/** SQL expression: is a keeper at work? Any login may ask it in any database of the server. */
export const KEPT = `EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'onboard keeper' AND usesysid = 10)`

/** true: this connection now is the keeper's; false: another one is. */
export async function becomeKeeper(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ won: boolean }>(`SELECT pg_try_advisory_lock(${KEEPER_LOCK}) AS won`)
  return rows[0]?.won === true
}

/** Names under which others are connected now. */
export async function others(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT coalesce(nullif(application_name, ''), usename::text) AS name FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> 'onboard keeper'
      ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

/** Others connected now, and sessions ever begun: a short command between two looks shows in the second alone. */
export async function usage(client: pg.Client): Promise<{ busy: number; sessions: string }> {
  const { rows } = await client.query<{ busy: number; sessions: string }>(
    `SELECT (SELECT count(*)::int FROM pg_stat_activity
              WHERE backend_type = 'client backend' AND application_name <> 'onboard keeper') AS busy,
            (SELECT sum(sessions)::text FROM pg_stat_database) AS sessions`,
  )
  return rows[0]!
}

/** Puts the socket out of reach: who is in stays in, nobody new comes. */
export function closeDoor(home: Home): void {
  if (process.platform === 'win32') return
  fs.renameSync(path.join(home.socket, SOCKET_NAME), path.join(home.shut, SOCKET_NAME))
}

export function openDoor(home: Home): void {
  if (process.platform === 'win32') return
  const [open, shut] = [path.join(home.socket, SOCKET_NAME), path.join(home.shut, SOCKET_NAME)]
  if (!fs.existsSync(open) && fs.existsSync(shut)) fs.renameSync(shut, open)
}

/**
 * Asks the server to end once its sessions have (a smart shutdown), or ending them (fast). Whom to signal is asked of
 * the system: the parent of the process that serves this very connection. A pid in a file may be another's by now.
 * false: it could not be asked.
 */
export async function signalServer(
  client: pg.Client,
  home: Home,
  native: string,
  mode: 'smart' | 'fast' = 'smart',
): Promise<boolean> {
  if (process.platform === 'win32') {
    // Signals go through a pipe that only a PostgreSQL server has, so that a reused pid harms nobody.
    execFileSync(path.join(native, 'bin', 'pg_ctl'), ['stop', '-D', home.data, '-m', mode, '-W'])
    return true
  }
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const server = parentOf(rows[0]!.pid)
  return server !== undefined && server > 1 && process.kill(server, mode === 'smart' ? 'SIGTERM' : 'SIGINT')
}

function parentOf(pid: number): number | undefined {
  try {
    if (process.platform !== 'linux') return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)]))
    // The program's name stands in brackets and may hold anything; state and parent follow the last one.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
