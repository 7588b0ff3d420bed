import fs from 'node:fs'
import path from 'node:path'
import { tmpdir } from 'node:os'
import type pg from 'pg'
import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'

/** Where a bench runs: a folder of its own, and in it an embedded server that is up throughout. */
export interface Place {
  readonly folder: string
  /** Environment for processes: this place's server, and no database or setting of the user's. */
  readonly env: Record<string, string>
  /** Connection as superuser, for what a bench makes; also keeps the server up. */
  readonly superuser: pg.Client
  /** Settings that lead other programs to the server's socket. */
  readonly socket: string
  close(): Promise<void>
}

/** Makes a place and starts its server; also points this process's ONBOARD_HOME there. */
export async function makePlace(): Promise<Place> {
  // Short, because a socket's path is; open to the unprivileged user that the server has as root.
  const folder = fs.mkdtempSync(path.join(process.platform === 'win32' ? tmpdir() : '/tmp', 'onboard-bench-'))
  fs.chmodSync(folder, 0o755)
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('ONBOARD_') || name === 'DATABASE_URL') delete process.env[name]
  }
  Object.assign(process.env, {
    ONBOARD_HOME: folder, ONBOARD_EMBEDDED_IDLE_SECONDS: '1', XDG_CACHE_HOME: path.join(folder, 'cache'), NO_COLOR: '1',
  })
  const home = embeddedHome(process.env)
  const superuser = await connectSuperuser(home)
  const PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH']}`
  return {
    folder, superuser,
    env: { ...(process.env as Record<string, string>), PATH },
    socket: home.socket,
    close: async () => {
      await superuser.end()
      // Its keeper ends the server once nobody is connected.
      const pid = path.join(home.data, 'postmaster.pid')
      for (let i = 0; i < 200 && fs.existsSync(pid); i++) await new Promise((resolve) => setTimeout(resolve, 50))
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
