import type { Client } from 'pg'
import { canonical } from '../engine/digest.ts'
import { UNDO_DETAILS } from '../engine/ports.ts'
import type { Entry, EntryKind, JournalEntry, Look } from '../engine/ports.ts'
import type { Json, JsonObject } from '../model.ts'
import { appending } from './appended.ts'

/** A row of the journal with its detail. */
export interface Stored {
  seq: string
  at: string
  kind: EntryKind
  phase: string | null
  step: string | null
  instance: string | null
  run: string | null
  body: string
  hash: string
  detail: Record<string, string | null> | null
}

/** The columns of `Stored` but its detail, of a journal `j`. */
export const ENTRY = `j.seq::text AS seq, to_char(j.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
       j.kind, j.phase, j.step, j.instance, j.run, j.body, encode(j.hash, 'hex') AS hash`

/** A chain, oldest first. */
const ENTRIES = `SELECT ${ENTRY} FROM onboard.journal j WHERE j.chain = $1 ORDER BY j.seq`

/** Its detail; `brief` leaves out what only undo needs, but of an intent nothing: a run may end it. */
const DETAILS = `
SELECT d.seq::text AS seq, d.name, d.value FROM onboard.journal_detail d JOIN onboard.journal j USING (chain, seq)
 WHERE d.chain = $1 AND (j.kind = 'intent' OR NOT d.name = ANY ($2::text[]))`

/**
 * The journal of one chain and the database's clock. Entries come before their detail: what is appended meanwhile is
 * not seen by halves. The server takes half as long for rows of detail as for an object beside each entry.
 */
export async function readJournal(client: Client, chain: string, extent: 'brief' | 'whole'): Promise<Look> {
  const left = extent === 'brief' ? UNDO_DETAILS : []
  const { rows } = await client.query<Omit<Stored, 'detail'>>(
    { name: 'onboard-entries-of', text: ENTRIES, values: [chain] },
  )
  const { rows: details } = await client.query<{ seq: string; name: string; value: string | null }>(
    { name: 'onboard-detail-of', text: DETAILS, values: [chain, left] },
  )
  const { rows: [clock] } = await client.query<{ now: string }>(
    `SELECT to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`,
  )
  const beside = new Map<string, Record<string, string | null>>(rows.map(({ seq }) => [seq, {}]))
  for (const { seq, name, value } of details) {
    const one = beside.get(seq)
    if (one !== undefined) one[name] = value
  }
  return {
    entries: rows.map((row) => entryOf({ ...row, detail: beside.get(row.seq) ?? null })),
    now: clock?.now ?? '',
  }
}

/** A stored row as an entry. Facts come from the body, which the chain covers. */
export function entryOf(row: Stored): JournalEntry {
  const body = JSON.parse(row.body) as { entry: JsonObject; session_user: string }
  const detail = Object.entries(row.detail ?? {})
  return {
    seq: Number(row.seq),
    at: row.at,
    kind: row.kind,
    key: row.step === null ? null : { phase: row.phase ?? '', step: row.step, instance: row.instance ?? '' },
    run: row.run,
    facts: body.entry,
    session_user: body.session_user,
    hash: row.hash,
    detail: Object.fromEntries(
      detail.flatMap(([name, value]) => (value === null ? [] : [[name, JSON.parse(value) as Json]])),
    ),
    erased: detail.filter(([, v]) => v === null).map(([k]) => k),
  }
}

/** An entry as onboard.append_all takes it. */
export function given({ kind, key, run, facts, detail }: Entry): JsonObject {
  const values = Object.entries(detail).map(([name, value]) => [name, canonical(value)] as const)
  return {
    kind, entry: canonical(facts),
    ...(key === null ? {} : { key: [key.phase, key.step, key.instance] }),
    ...(run === null ? {} : { run }),
    ...(values.length === 0 ? {} : { detail: Object.fromEntries(values) }),
  }
}

/** Arguments of onboard.append for an entry. */
export function appendArguments(chain: string, entry: Entry): readonly (string | null)[] {
  appending(chain)
  const { key, run, kind } = entry
  const { entry: facts, detail } = given(entry)
  return [
    chain, kind, key?.phase ?? null, key?.step ?? null, key?.instance ?? null, run,
    facts as string, detail === undefined ? null : JSON.stringify(detail),
  ]
}
