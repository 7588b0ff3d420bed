import type { Client } from 'pg'
import type { Head } from '../engine/ports.ts'
import type { JsonObject, StepKey } from '../model.ts'
import { entryOf, ENTRY, type Stored } from './entries.ts'

/** One journal entry as `audit log` shows it. */
export interface LogEntry {
  readonly seq: number
  readonly at: string
  readonly kind: string
  readonly key: StepKey | null
  readonly run: string | null
  readonly session_user: string
  readonly hash: string
  readonly facts: JsonObject
  readonly detail: JsonObject
  readonly erased: readonly string[]
}

/** Which entries are wanted; null: no matter. */
export interface LogWish {
  readonly phase?: string | null
  readonly step?: { readonly phase: string; readonly step: string } | null
  /** Only the last so many of them. */
  readonly last?: number | null
}

const LOG = `
SELECT * FROM (
  SELECT ${ENTRY},
         (SELECT jsonb_object_agg(d.name, d.value) FROM onboard.journal_detail d
           WHERE d.chain = j.chain AND d.seq = j.seq) AS detail
    FROM onboard.journal j
   WHERE j.chain = $1 AND ($2::text IS NULL OR j.phase = $2) AND ($3::text IS NULL OR j.step = $3)
   ORDER BY j.seq DESC LIMIT $4) wanted
 ORDER BY seq::bigint`

/** An onboarding's journal, oldest first, as far as it is wanted: the database reads no more than that. */
export async function readLog(
  client: Client, chain: string, { phase = null, step = null, last = null }: LogWish = {},
): Promise<readonly LogEntry[]> {
  const { rows } = await client.query<Stored>(LOG, [chain, step?.phase ?? phase, step?.step ?? null, last])
  return rows.map(entryOf).map(({ seq, at, kind, key, run, session_user, hash, facts, detail, erased }) => (
    { seq, at, kind, key, run, session_user, hash, facts, detail, erased }
  ))
}

/** The chain's head: its last entry's number and hash. */
export async function readHead(client: Client, chain: string): Promise<Head> {
  const { rows } = await client.query<{ seq: string; hash: string }>(
    `SELECT seq::text AS seq, CASE WHEN seq = 0 THEN '' ELSE encode(hash, 'hex') END AS hash
       FROM onboard.chain WHERE id = $1`, [chain])
  return { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.hash ?? '' }
}
