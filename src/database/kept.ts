/**
 * Connections that outlive the command that opened them: for a process that runs many commands one after the other,
 * such as the demo. A new one costs a process of the server, which knows nothing yet of tables and statements; of the
 * demo's second run these are a quarter of the time.
 */
import type { Socket } from 'node:net'
import type pg from 'pg'

/** What a command may have left: a transaction, locks, a role, settings, temporary tables. Prepared statements stay. */
const FORGET = 'ROLLBACK; SELECT pg_advisory_unlock_all(); RESET ROLE; RESET ALL; DISCARD TEMP'

interface Kept {
  readonly client: pg.Client
  /** Ends it in earnest. */
  readonly end: () => Promise<void>
}

/** Idle ones, by what they were opened with; undefined: none are kept. */
let idle: Map<string, Kept[]> | undefined

/** From now on connections of this process are kept. Gives what ends those that are idle, and keeps none any more. */
export function keepConnections(): () => Promise<void> {
  idle = new Map()
  return async () => {
    const all = [...(idle?.values() ?? [])].flat()
    idle = undefined
    await Promise.all(all.map(async ({ client, end }) => {
      streamOf(client).ref()
      await end().catch(() => undefined)
    }))
  }
}

/** Does this process run many commands? */
export const keepsConnections = (): boolean => idle !== undefined

/** One that is idle, opened with the same; else a new one, which is kept when it ends where connections are kept. */
export async function keptOr(config: pg.ClientConfig, open: () => Promise<pg.Client>): Promise<pg.Client> {
  if (idle === undefined) return open()
  const key = JSON.stringify(config)
  for (let ready = idle.get(key)?.pop(); ready !== undefined; ready = idle.get(key)?.pop()) {
    // The server may have gone meanwhile, or ended it.
    if (!streamOf(ready.client).destroyed) return lend(ready, key)
  }
  const client = await open()
  return lend({ client, end: client.end.bind(client) as Kept['end'] }, key)
}

/** Whoever has it may put another `end` in the place of this one: the next one finds this one again. */
function lend(kept: Kept, key: string): pg.Client {
  const { client, end } = kept
  streamOf(client).ref()
  let back: Promise<void> | undefined
  const giveBack = async (): Promise<void> => {
    try {
      await client.query(FORGET)
    } catch {
      return end()
    }
    if (idle === undefined) return end()
    // It keeps no process alive.
    streamOf(client).unref()
    idle.set(key, [...(idle.get(key) ?? []), kept])
  }
  client.end = (() => (back ??= giveBack())) as pg.Client['end']
  return client
}

const streamOf = (client: pg.Client): Socket => (
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream
)
