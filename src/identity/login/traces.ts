/** What became of each login through an identity provider, for those who support it. */
import type { JsonObject } from '../../model.ts'
import type { Query, Tables } from '../sql.ts'
import type { Connection, LoginRefused, Proof, Purpose, Stage } from './types.ts'

export interface Trace {
  readonly id: string
  /** ISO 8601 instant. */
  readonly at: string
  readonly purpose: Purpose
  readonly request_id: string | null
  readonly stage: Stage
  readonly accepted: boolean
  readonly code: string | null
  readonly reason: string | null
  readonly subject: string | null
  readonly user_id: string | null
  readonly mapped: JsonObject | null
  readonly attributes: JsonObject | null
}

type Written = Omit<Trace, 'id' | 'at' | 'attributes'> & { readonly attributes: Proof['attributes'] | null }

/** Traces say who signed in from where: they are kept this long. */
const KEPT = '90 days'
/** Of one attribute, and of all: a trace is no store of what somebody sends. */
const LONGEST = 500
const MOST = 60

export async function writeTrace(query: Query, tables: Tables, connection: Connection, one: Written): Promise<void> {
  await query(
    `WITH old AS (DELETE FROM ${tables.traces} WHERE id IN (
       SELECT id FROM ${tables.traces} WHERE tenant_id = $1 AND at < onboard.now() - interval '${KEPT}'
        ORDER BY id LIMIT 50))
     INSERT INTO ${tables.traces} (tenant_id, connection_id, request_id, purpose, stage, accepted, code, reason,
       subject, user_id, mapped, attributes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      connection.tenant_id, connection.id, one.request_id, one.purpose, one.stage, one.accepted, one.code,
      one.reason === null ? null : storable(one.reason),
      one.subject === null ? null : storable(one.subject),
      one.user_id,
      one.mapped === null ? null : JSON.stringify(one.mapped),
      one.attributes === null ? null : JSON.stringify(capped(one.attributes)),
    ],
  )
}

/** PostgreSQL keeps no NUL in a text. */
const storable = (text: string): string => text.replaceAll('\u0000', '�').slice(0, 2000)

function capped(attributes: Proof['attributes']): Record<string, readonly string[]> {
  const short = (text: string): string => storable(text).slice(0, LONGEST)
  const kept = Object.entries(attributes).slice(0, MOST)
  return Object.fromEntries(kept.map(([name, values]) => [short(name), values.slice(0, MOST).map(short)]))
}

/** A refusal, as a sentence for an administrator. */
export function reasonOf({ message, suggestion }: LoginRefused): string {
  return suggestion === null ? message : `${message}. ${suggestion}`
}

interface Wish {
  readonly connection: string
  /** Later than the trace with this id. */
  readonly after?: string
  /** Not before this instant, ISO 8601. */
  readonly since?: string
  readonly accepted?: boolean
  readonly purpose?: Purpose
  readonly most: number
}

/** Newest first. */
export async function tracesOf(query: Query, tables: Tables, wish: Wish): Promise<Trace[]> {
  return query<Trace>(
    `SELECT id::text, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, purpose, request_id, stage, accepted, code,
            reason, subject, user_id::text, mapped, attributes
       FROM ${tables.traces}
      WHERE connection_id = $1::uuid AND id > coalesce($2::bigint, 0)
        AND ($3::timestamptz IS NULL OR at >= $3::timestamptz)
        AND ($4::boolean IS NULL OR accepted = $4) AND ($5::text IS NULL OR purpose = $5)
      ORDER BY id DESC LIMIT $6::int`,
    [wish.connection, wish.after ?? null, wish.since ?? null, wish.accepted ?? null, wish.purpose ?? null, wish.most],
  )
}
