import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Home } from '../../src/database/embedded/home.ts'
import { freePort } from './free-port.ts'

/** The program, where this machine has it; Debian puts it where an ordinary user's PATH does not lead. */
export const PGBOUNCER = ['pgbouncer', '/usr/sbin/pgbouncer'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
)

/** Starts a pgbouncer on loopback before an embedded server, which asks for no password; `users` may log in. */
export async function startPgbouncer(
  home: Home, mode: 'transaction' | 'session', users: readonly string[],
): Promise<{ port: number; log(): string; close(): Promise<void> }> {
  if (PGBOUNCER === undefined) throw new Error('there is no pgbouncer here')
  // It refuses to run as root; the server's user may also enter the folder of the server's socket.
  const { uid, gid } = fs.statSync(home.data)
  const folder = fs.mkdtempSync('/tmp/onboard-test-b')
  const port = await freePort()
  fs.writeFileSync(join(folder, 'users.txt'), users.map((user) => `"${user}" ""\n`).join(''))
  fs.writeFileSync(join(folder, 'pgbouncer.ini'), `[databases]
* = host=${home.socket} port=5432
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = ${mode}
`)
  fs.chmodSync(folder, 0o755)
  const child = spawn(PGBOUNCER, [join(folder, 'pgbouncer.ini')], {
    cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], ...(process.getuid?.() === 0 ? { uid, gid } : {}),
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => { said += data })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  for (let n = 0; n < 200 && !said.includes('process up') && child.exitCode === null; n++) await pause(25)
  if (!said.includes('process up')) throw new Error(`pgbouncer did not start: ${said}`)
  return {
    port,
    log: () => said,
    close: async () => {
      child.kill('SIGQUIT') // at once, whoever is connected
      await ended
      fs.rmSync(folder, { recursive: true })
    },
  }
}
