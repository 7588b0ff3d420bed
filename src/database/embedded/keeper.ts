/**
 * A process beside the embedded server that ends it when nobody has used it for a while. It is not the server's parent:
 * whoever kills it ends nothing, and the next command starts another one, which takes over.
 */
import fs from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { connectClient } from '../client.ts'
import { endpoint } from './endpoint.ts'
import { SUPERUSER, type Home, type ServerUser } from './home.ts'
import { becomeKeeper, closeDoor, openDoor, signalServer, usage } from './keeping.ts'

interface Charge {
  readonly home: Home
  readonly native: string
  readonly user: ServerUser
}

/** How long a server may take to begin, and one that has begun to answer: it may have a crash to recover from. */
const START_MS = 8_000
const ANSWER_MS = 10 * 60_000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function dropRights(user: ServerUser): void {
  if (!user) return
  process.setgroups?.([])
  process.setgid?.(user.gid)
  process.setuid?.(user.uid)
}

async function reach(home: Home): Promise<pg.Client | undefined> {
  const begun = performance.now()
  const waits = (): boolean => {
    const waited = performance.now() - begun
    return waited < START_MS || (waited < ANSWER_MS && fs.existsSync(path.join(home.data, 'postmaster.pid')))
  }
  while (waits()) {
    for (const folder of [home.socket, home.shut]) {
      try {
        return await connectClient({
          ...endpoint(home, folder),
          user: SUPERUSER,
          database: 'postgres',
          application_name: 'onboard keeper',
        })
      } catch {
        // Not up yet, or ending; the next round tells.
      }
    }
    await pause(50)
  }
  return undefined
}

async function keep({ home, native, user }: Charge): Promise<void> {
  dropRights(user)
  const client = await reach(home)
  if (!client) return
  if (!(await becomeKeeper(client))) return client.end()
  openDoor(home) // shut by a keeper that was killed in between
  const every = Math.min(1000, Math.max(50, home.idleSeconds * 250))
  let seen = await usage(client)
  let since = performance.now()
  for (;;) {
    await pause(every)
    const now = await usage(client)
    if (now.busy > 0 || now.sessions !== seen.sessions) since = performance.now()
    seen = now
    if (performance.now() - since < home.idleSeconds * 1000) continue
    closeDoor(home)
    await pause(50)
    if ((await usage(client)).busy === 0 && (await signalServer(client, home, native))) return client.end()
    openDoor(home)
    since = performance.now()
  }
}

try {
  await keep(JSON.parse(process.argv[2] ?? '') as Charge)
} finally {
  process.exit()
}
