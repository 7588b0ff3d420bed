/** What was begun by us and is answered once: logins, tests and logouts. Of two answers to a request, one is taken. */
import { randomBytes } from 'node:crypto'
import type { JsonObject } from '../../model.ts'
import type { Query, Tables } from '../sql.ts'
import type { Begun, Connection, Purpose } from './types.ts'

interface Beginning {
  readonly connection: Connection
  readonly purpose: Purpose
  /** SHA-256 (hex) of the cookie of the browser that begins it; null: any browser may come back with the answer. */
  readonly browser_hash: string | null
  /** A path of ours. */
  readonly return_to: string | null
  /** What the protocol needs again when the answer comes: nonce, PKCE verifier. */
  readonly detail: JsonObject
  /** How long the answer may take. */
  readonly seconds: number
}

/** An id that nobody guesses, and that is an `xs:ID`: it cannot begin with a digit (XML Schema part 2, §3.3.8). */
export const newId = (): string => `_${randomBytes(20).toString('hex')}`

/** Rows of the past that one request takes away at most: so that they do not pile up, and nobody waits for it. */
const SWEPT = 50

/** Writes down that a login, a test or a logout begins. */
export async function begin(query: Query, tables: Tables, given: Beginning): Promise<Begun> {
  const { connection, purpose, browser_hash, return_to, detail, seconds } = given
  const id = newId()
  await query(
    `WITH old AS (DELETE FROM ${tables.requests} WHERE id IN (
       SELECT id FROM ${tables.requests} WHERE expires_at < onboard.now() LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED))
     INSERT INTO ${tables.requests} (id, tenant_id, connection_id, purpose, browser_hash, return_to, detail, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, onboard.now() + make_interval(secs => $8))`,
    [
      id, connection.tenant_id, connection.id, purpose, browser_hash, return_to, JSON.stringify(detail),
      seconds,
    ],
  )
  return { id, purpose, return_to, detail }
}

interface Answered {
  /** Of the path, never of the message. */
  readonly tenant: string
  readonly connection: string
  readonly id: string
  readonly browser_hash: string | null
}

/**
 * Takes the request that is answered: it is gone afterwards, in the same statement, so that of two answers one is
 * taken. undefined: there is none, it is too old, was answered already, or another browser began it.
 * @param tenant its id
 * @param connection its id
 */
export async function take(
  query: Query, tables: Tables, { tenant, connection, id, browser_hash }: Answered,
): Promise<Begun | undefined> {
  const [begun] = await query<Begun>(
    `DELETE FROM ${tables.requests}
      WHERE id = $1 AND tenant_id = $2 AND connection_id = $3 AND expires_at > onboard.now() AND NOT detail ? 'opens'
        AND (browser_hash IS NULL OR browser_hash = $4)
     RETURNING id, purpose, return_to, detail`,
    [id, tenant, connection, browser_hash],
  )
  return begun
}

interface Once {
  readonly tenant: string
  readonly kind: 'assertion' | 'logout'
  readonly id: string
  /** ISO 8601 instant from which on it is refused for its age alone. */
  readonly until: string
}

/** Whether this was never taken before: an assertion's id, a logout's. Asked again, it says no until `until`. */
export async function takeOnce(query: Query, tables: Tables, { tenant, kind, id, until }: Once): Promise<boolean> {
  const rows = await query(
    `WITH old AS (DELETE FROM ${tables.replays} WHERE (tenant_id, kind, id) IN (
       SELECT tenant_id, kind, id FROM ${tables.replays} WHERE until < onboard.now() - interval '1 hour'
        LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED))
     INSERT INTO ${tables.replays} (tenant_id, kind, id, until) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING 1`,
    [tenant, kind, id, until],
  )
  return rows.length === 1
}
