import type pg from 'pg'
import { OnboardError } from '../errors.ts'

/** Rounds of looking; a pooler that goes round its connections in turn may look like a session for one or two. */
const ROUNDS = 4

/**
 * Refuses a transaction pooler between here and the server: there a connection is no session, so that run locks would
 * hold nothing and settings would reach strangers. One round trip where there is none.
 * @param another opens a second connection the same way; used only where the first one looks suspicious
 * @throws OnboardError invalid `transaction-pooler`
 */
export async function refusePooler(client: pg.Client, another: () => Promise<pg.Client>, label: string): Promise<void> {
  const own = await backendOf(client)
  // The server tells its process id at login and in SQL; who stands between tells one of its own at login.
  if ((client as pg.Client & { processID: number | null }).processID === own) return
  if (!(await isShared(client, own, another))) return // a pooler that keeps a session for each connection
  throw new OnboardError(
    'invalid',
    'transaction-pooler',
    `${label} is reached through a transaction pooler, where locks and settings of a session do not hold. ` +
      "Use the server's own address, or the pooler's session mode.",
    { suggestions: ['export ONBOARD_DATABASE_URL=postgres://USER@HOST/DB', 'onboard doctor'] },
  )
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]!.pid
}

/**
 * Proven where two connections that are open at once are served by one process, or one by two. Both hold a process at
 * the same time and give it back in turns of order, so that neither a stack nor a queue of idle ones can hide it.
 */
async function isShared(client: pg.Client, own: number, another: () => Promise<pg.Client>): Promise<boolean> {
  const second = await another()
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const order = round % 2 === 0 ? [client, second] : [second, client]
      await client.query('BEGIN')
      await second.query('BEGIN')
      try {
        if ((await backendOf(client)) !== own || (await backendOf(second)) === own) return true
      } finally {
        for (const one of order) await one.query('ROLLBACK')
      }
    }
    return false
  } finally {
    await second.end()
  }
}
