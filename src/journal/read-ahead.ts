import type { Client } from 'pg'
import type { JournalEntry, Look } from '../engine/ports.ts'
import { UNDO_DETAILS } from '../engine/ports.ts'
import type { Runbook } from '../model.ts'
import { ENTRY, entryOf, type Stored } from './entries.ts'
import { findOnboardings, type Found } from './find.ts'

/** So many onboardings are read at once. */
const AHEAD = 10

const LOOKS = `
SELECT j.chain::text AS chain, ${ENTRY},
       (SELECT jsonb_object_agg(d.name, d.value) FROM onboard.journal_detail d
         WHERE d.chain = j.chain AND d.seq = j.seq AND (j.kind = 'intent' OR NOT d.name = ANY ($2::text[]))) AS detail
  FROM onboard.journal j WHERE j.chain = ANY ($1::uuid[]) ORDER BY j.chain, j.seq`

export interface Ahead {
  /** undefined: it is gone. */
  readonly found: Found | undefined
  readonly look: Look
}

/**
 * Many onboardings with their journals, for whoever goes through them in this order: those after the one asked for are
 * read with it. Brief, as `Session.look` says. `runbooks` keeps those that were read.
 */
export function readingAhead(client: Client, ids: readonly string[], runbooks: Map<string, Runbook>): (id: string) => Promise<Ahead> {
  const places = new Map(ids.map((id, at) => [id, at]))
  let read = new Map<string, JournalEntry[]>()
  let found: ReadonlyMap<string, Found> = new Map()
  let now = ''
  return async (id) => {
    if (!read.has(id)) {
      const at = places.get(id) ?? 0
      const next = ids.slice(at, at + AHEAD)
      found = new Map((await findOnboardings(client, next, runbooks)).map((one) => [one.onboarding.id, one]))
      const { rows } = await client.query<Stored & { chain: string }>({ name: 'onboard-looks', text: LOOKS, values: [next, UNDO_DETAILS] })
      const clock = await client.query<{ now: string }>(`SELECT to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`)
      now = clock.rows[0]?.now ?? ''
      read = new Map(next.map((one) => [one, []]))
      for (const row of rows) read.get(row.chain)?.push(entryOf(row))
    }
    return { found: found.get(id), look: { entries: read.get(id) ?? [], now } }
  }
}
