import type { Client } from 'pg'
import type { Writer } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import type { Entry, Head, Session } from '../engine/ports.ts'
import { append, appendCall } from './append.ts'
import { readJournal } from './entries.ts'
import { lockRun } from './lock.ts'
import { createReader, createWriter, type Surroundings } from './reader.ts'
import { sendingAhead } from './sending-ahead.ts'
import { reachOf } from './statement.ts'

/**
 * Ends a look. What reads in the run's transaction does so behind a savepoint that is read-only: no statement can make
 * it writable again from inside, and going back to it takes away whatever role or setting a function has changed.
 */
const LOOKED = 'ROLLBACK TO SAVEPOINT look; RELEASE SAVEPOINT look'

/** How many effects at most share a transaction, and for how long (ms) others may wait for what they have changed. */
const MOST = 32
const LONGEST = 25

/** How long a statement of a run waits for a row or table that somebody else has locked, unless the database says. */
const PATIENCE = '30s'

/**
 * A run's one connection: locks, reads, writes and journals, so that the lock dies with what it protects.
 * Takes a connected client of the app role; throws a conflict that names the holder where the onboarding is locked.
 */
export async function openSession(
  client: Client, onboarding: { readonly id: string; readonly key: string }, given: Surroundings,
): Promise<Session> {
  const surroundings = { onboarding, ...given }
  const longest = given.share_ms ?? LONGEST
  const ahead = sendingAhead(client)
  const [asReader] = await Promise.all([
    readerRole(client),
    client.query(`SET client_connection_check_interval = '500ms'`),
    client.query(
      `SELECT set_config('lock_timeout', '${PATIENCE}', false) WHERE current_setting('lock_timeout') = '0'`,
    ),
    lockRun(client, onboarding),
  ])
  const toLook = `SAVEPOINT look; SET LOCAL transaction_read_only = on${asReader}`
  let inside: 'nothing' | 'look' | 'step' | 'group' = 'nothing'
  /** Entries of the effects that the open transaction holds; since when it is open, and what they were lost by. */
  let held: Entry[] = []
  let since = 0
  let lost: unknown = null
  /** Did the step set what would hold for the effects after it? */
  let lasting = false
  /** What is no read leaves the look that reads share; nothing of it stays. */
  const leave = (): void => {
    if (inside === 'group') throw heldStill()
    if (inside !== 'look') return
    ahead.send('ROLLBACK')
    inside = 'nothing'
  }
  /** Reads outside a step's transaction share one that can write nothing; each sees what is committed by then. */
  const sealed = <T>(read: () => Promise<T>, timeout: number | null): Promise<T> => {
    if (inside === 'group' || timeout !== null) leave()
    if (inside === 'nothing') {
      ahead.send(`BEGIN READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0${limitOf(timeout)}${asReader}`)
      inside = 'look'
    }
    const answer = ahead.settle(read())
    answer.then(timeout === null ? undefined : leave, leave)
    return answer
  }
  return {
    reader: (key, timeout = null) => {
      const reader = createReader(client, key, surroundings)
      return {
        ...reader,
        many: (sql, params) => sealed(() => reader.many(sql, params), timeout),
        one: (sql, params) => sealed(() => reader.one(sql, params), timeout),
        exec: (program) => {
          leave() // a program may take its time
          return reader.exec(program)
        },
        http: (request) => {
          leave() // as may a server
          return reader.http(request)
        },
      }
    },
    writer: (key, secret) => {
      const writer = createWriter(client, key, surroundings, (name, value, more = {}) => secret(name, value, more))
      const outside = <A extends unknown[], R>(does: (...given: A) => R) => (...given: A): R => {
        leave()
        return does(...given)
      }
      const { run: send, many, one, exec, http, postbox } = ahead.settling(writer)
      const run: Writer['run'] = async (sql, params) => {
        if (reachOf(sql) === 'transaction') lasting = true
        return send(sql, params)
      }
      return {
        ...writer, run: outside(run), many: outside(many) as typeof many, one: outside(one) as typeof one,
        exec: outside(exec), http: outside(http), postbox: outside(postbox),
      }
    },
    begin: async (timeout) => {
      if (inside === 'group' && timeout === null) {
        ahead.send(`SAVEPOINT step; ${toLook}`)
      } else {
        leave()
        since = performance.now()
        ahead.send(`BEGIN${limitOf(timeout)}; ${toLook}`)
      }
      lasting = false
      inside = 'step'
    },
    write: async (work) => {
      // Nothing is written before it is known that a transaction is open.
      await ahead.settle(Promise.resolve())
      ahead.send(LOOKED)
      const result = await work()
      ahead.send(toLook)
      return result
    },
    hold: async (entry) => {
      // What went wrong in this step must not be met in the next one.
      await ahead.settle(Promise.resolve())
      ahead.send(held.length === 0 ? LOOKED : `${LOOKED}; RELEASE SAVEPOINT step`)
      held.push(entry)
      inside = 'group'
      return !lasting && held.length < MOST && performance.now() - since < longest
    },
    commit: async (entry) => {
      const entries = entry ? [...held, entry] : held
      held = []
      if (lost !== null) throw lost instanceof OnboardError ? lost : notCommitted()
      const head = await ahead.settle(commit(client, onboarding.id, entries, inside === 'step' ? `${LOOKED}; ` : ''))
      inside = 'nothing'
      return head
    },
    rollback: async () => {
      ahead.forget()
      inside = 'nothing'
      lost = null
      if (held.length > 0) {
        try {
          await client.query('ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step')
          inside = 'group'
          return
        } catch (error) {
          lost = error
        }
      }
      // A connection that is gone has rolled back already.
      await client.query('ROLLBACK').catch(() => undefined)
    },
    append: (entry) => {
      leave()
      return append(client, onboarding.id, entry)
    },
    look: (extent) => {
      if (held.length > 0) throw heldStill()
      leave()
      return readJournal(client, onboarding.id, extent)
    },
    head: async () => {
      leave()
      const { rows } = await client.query<{ seq: string; hash: string }>(
        `SELECT seq::text AS seq, encode(hash, 'hex') AS hash FROM onboard.chain WHERE id = $1`, [onboarding.id],
      )
      return { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.hash ?? '' }
    },
    close: () => client.end(),
  }
}

/** `; SET LOCAL statement_timeout = …`, or '' where there is no limit. */
function limitOf(timeout: number | null): string {
  return timeout === null ? '' : `; SET LOCAL statement_timeout = ${Math.round(timeout)}`
}

function heldStill(): OnboardError {
  return new OnboardError('bug', 'effects-held', 'held effects must be committed before anything else is done')
}

/** Journal entries and COMMIT in one message: one round trip, and no moment between them. */
async function commit(client: Client, chain: string, entries: readonly Entry[], looked: string): Promise<Head> {
  const text = `${looked}${appendCall(chain, entries)}; COMMIT`
  const results = (await client.query(text)) as unknown as { command: string; rows: { seq: string; hash: string }[] }[]
  const last = results.at(-1)
  const row = results.at(-2)?.rows[0]
  // PostgreSQL answers ROLLBACK to the COMMIT of a transaction that had failed: not an error to it, but one to us.
  if (last?.command !== 'COMMIT' || !row) throw notCommitted()
  return { seq: Number(row.seq), hash: row.hash }
}

function notCommitted(): OnboardError {
  return new OnboardError('failed', 'not-committed', 'the database rolled back instead of committing; nothing was kept')
}

/** `; SET LOCAL ROLE onboard_reader` where this login may become the reader, '' where not. */
async function readerRole(client: Client): Promise<string> {
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles r
                     WHERE r.rolname = 'onboard_reader' AND pg_has_role(session_user, r.oid, 'MEMBER')) AS may`,
  )
  return rows[0]?.may ? '; SET LOCAL ROLE onboard_reader' : ''
}
