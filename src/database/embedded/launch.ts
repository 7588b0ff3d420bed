import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { endpoint } from './endpoint.ts'
import { moduleFile } from '../../package.ts'
import type { Home, ServerUser } from './home.ts'
import { windowsEnvironment } from './initdb.ts'

/** Bytes after which the log is begun anew. */
const LOG_LIMIT = 4 << 20

/** Settings of every start: given here and not in a file, so that old data folders get them too. */
function settings(home: Home): string[] {
  const windows = process.platform === 'win32'
  const { port } = endpoint(home)
  const values: Record<string, string | number> = {
    listen_addresses: windows ? '127.0.0.1' : '',
    port,
    unix_socket_directories: windows ? '' : home.socket,
    unix_socket_permissions: '0700',
    max_connections: 100,
    shared_buffers: '32MB',
    jit: 'off',
    io_method: 'sync',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // A crashed backend ends the server; the next command starts it, with a keeper.
    restart_after_crash: 'off',
    // Backups are taken while it runs.
    wal_level: 'replica',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    ...(windows ? {} : { client_connection_check_interval: '500ms' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Starts `postgres` by itself, tied to no terminal and no command. A second one on the same data ends at once. */
export function launchServer(home: Home, native: string, user: ServerUser): ChildProcess {
  const log = openLog(home, user)
  try {
    const child = spawn(path.join(native, 'bin', 'postgres'), ['-D', home.data, ...settings(home)], {
      ...user,
      cwd: home.dir,
      detached: true,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...windowsEnvironment() },
      stdio: ['ignore', log, log],
      windowsHide: true,
    })
    child.unref()
    return child
  } finally {
    fs.closeSync(log)
  }
}

function openLog(home: Home, user: ServerUser): number {
  if ((fs.statSync(home.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT) fs.rmSync(home.log, { force: true })
  const log = fs.openSync(home.log, 'a', 0o600)
  if (user) fs.fchownSync(log, user.uid, user.gid)
  return log
}

/** Starts the process that ends the server when nobody has used it for a while. A second one ends at once. */
export function launchKeeper(home: Home, native: string, user: ServerUser): void {
  const script = moduleFile('database/embedded/keeper')
  const child = spawn(process.execPath, [script, JSON.stringify({ home, native, user })], {
    cwd: '/',
    detached: true,
    env: { ...windowsEnvironment() },
    stdio: 'ignore',
    windowsHide: true,
  })
  child.on('error', () => {})
  child.unref()
}
