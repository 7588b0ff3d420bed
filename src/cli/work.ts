import { hostname } from 'node:os'
import type { Client } from 'pg'
import type { Database } from '../database/open.ts'
import { databaseError } from '../database/trouble.ts'
import type { Entry, SecretSink, Work } from '../engine/ports.ts'
import type { Surroundings } from '../journal/reader.ts'
import { append } from '../journal/append.ts'
import { readOnly } from '../journal/reading.ts'
import { openSession } from '../journal/session.ts'

/** What a Work is made of besides the database. */
export type Parts = Pick<Work, 'onboarding' | 'runbook' | 'inputs' | 'evaluator' | 'catalogue' | 'actor'> & {
  readonly surroundings: Surroundings
  readonly secrets: SecretSink
  readonly emit?: Work['emit']
  readonly reached?: (point: string) => void
}

/** Makes the Work of one onboarding. Connections open when first used; `close` ends them. */
export function openWork(database: Database, parts: Parts): Work & { close(): Promise<void> } {
  const { surroundings: around, emit, reached, ...given } = parts
  const { onboarding, actor } = parts
  const surroundings = { onboarding: { id: onboarding.id, key: onboarding.key }, ...around }
  // Who, and on which machine: PostgreSQL keeps 63 bytes, of which the run's number takes nine.
  const label = `onboard ${actor.name.slice(0, 25)} on ${hostname().slice(0, 17)}`
  let reader: Promise<Client> | undefined
  let writer: Promise<Client> | undefined
  let busy: Promise<unknown> = Promise.resolve()
  const connect = async (role: 'app' | 'reader', name = label): Promise<Client> => (
    telling(await database.connect(role, { application_name: name }), database.label)
  )
  const app = (): Promise<Client> => (writer ??= connect('app'))
  return {
    ...given,
    emit: emit ?? (() => undefined),
    ...(reached ? { reached } : {}),
    reading: (work, extent, timeout) => {
      // One snapshot at a time on the one reading connection.
      const turn = busy.then(async () => {
        const client = await (reader ??= connect('reader'))
        return readOnly(client, onboarding.id, surroundings, work, extent, timeout)
      })
      busy = turn.catch(() => undefined)
      return turn
    },
    session: async (run) => {
      const client = await connect('app', `${label} ${run.slice(0, 8)}`)
      try {
        const session = await openSession(client, onboarding, surroundings)
        // Who did it stands beside each entry of a run, as it does beside a person's word.
        const signed = <E extends Entry>(entry: E): E => ({
          ...entry, detail: { ...entry.detail, actor: { ...actor } },
        })
        return {
          ...session,
          hold: (entry) => session.hold(signed(entry)),
          commit: (entry) => session.commit(entry && signed(entry)),
          append: (entry) => session.append(signed(entry)),
        }
      } catch (error) {
        await client.end()
        throw error
      }
    },
    append: async (entry) => append(await app(), onboarding.id, entry),
    store: async (bytes) => {
      const client = await app()
      const { rows } = await client.query<{ digest: string }>(
        `WITH given AS (SELECT $1::bytea AS bytes, encode(sha256($1::bytea), 'hex') AS digest),
              stored AS (INSERT INTO onboard.evidence (digest, bytes)
                         SELECT digest, bytes FROM given ON CONFLICT DO NOTHING)
         SELECT digest FROM given`, [Buffer.from(bytes)])
      return rows[0]?.digest ?? ''
    },
    close: async () => {
      for (const client of [reader, writer]) await (await client?.catch(() => undefined))?.end()
    },
  }
}

const tells = new WeakSet<Client>()

/** Has the client's errors say what is the matter with the database, where it is the database and not the statement. */
function telling(client: Client, label: string): Client {
  // A connection that serves many onboardings comes here for each of them.
  if (tells.has(client)) return client
  tells.add(client)
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
  const told = async (...given: unknown[]): Promise<unknown> => {
    try {
      return await query(...given)
    } catch (error) {
      const said = databaseError(error, label)
      throw said.code === 'database-error' ? error : said
    }
  }
  client.query = told as Client['query']
  return client
}
