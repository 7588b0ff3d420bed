import type { Client } from 'pg'
import type { Database } from '../database/open.ts'

/**
 * The same database over one connection for each role, for commands that go through many onboardings one after the
 * other: `end` on what it hands out does nothing, `close` ends them all.
 */
export function sharedConnections(database: Database): Database {
  const open = new Map<string, Promise<Client>>()
  const ends: (() => Promise<void>)[] = []
  const connect: Database['connect'] = (role, options) => {
    const known = open.get(role)
    if (known) return known
    const client = database.connect(role, options).then((made) => {
      const end = made.end.bind(made)
      ends.push(() => end())
      made.end = (async () => undefined) as typeof made.end
      return made
    })
    open.set(role, client)
    return client
  }
  return {
    ...database,
    connect,
    close: async () => {
      await Promise.all([...open.values()].map((client) => client.catch(() => undefined)))
      for (const end of ends.splice(0)) await end()
    },
  }
}
