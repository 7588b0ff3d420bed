import type { Client } from 'pg'
import { UNDO_DETAILS, type EntryKind, type JournalEntry, type Look } from '../engine/ports.ts'
import type { Json, JsonObject, Runbook } from '../model.ts'
import { findOnboardings, type Found } from './find.ts'

/** So many onboardings are read at once. */
const AHEAD = 10

/** Details that no status reads: they are the most. */
const UNREAD = [...UNDO_DETAILS, 'evidence', 'question', 'actor', 'recorder', 'by', 'data']

interface Row {
  chain: string
  seq: number
  at: string
  kind: EntryKind
  phase: string | null
  step: string | null
  instance: string | null
  facts: JsonObject
}

const ENTRIES = `
SELECT j.chain::text AS chain, j.seq::int AS seq, to_char(j.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
       j.kind, j.phase, j.step, j.instance, j.body::json -> 'entry' AS facts
  FROM onboard.journal j WHERE j.chain = ANY ($1::uuid[]) ORDER BY j.chain, j.seq`
const DETAILS = `SELECT d.chain::text AS chain, d.seq::int AS seq, d.name, d.value FROM onboard.journal_detail d WHERE d.chain = ANY ($1::uuid[]) AND NOT d.name = ANY ($2::text[])`
const CLOCK = `SELECT to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`

export interface Ahead {
  /** undefined: it is gone. */
  readonly found: Found | undefined
  readonly look: Look
}

/**
 * Many onboardings with their journals, for whoever goes through them in this order: those after the one asked for are
 * read with it, and the next while these are looked at. Of the journals what a status reads: who did it, the hashes and
 * the details that only others read are left out. `runbooks` keeps those that were read.
 */
export function readingAhead(client: Client, ids: readonly string[], runbooks: Map<string, Runbook>): (id: string) => Promise<Ahead> {
  const places = new Map(ids.map((id, at) => [id, at]))
  const begin = (at: number): Promise<ReadonlyMap<string, Ahead>> => {
    const read = readBatch(client, ids.slice(at, at + AHEAD), runbooks)
    // Whoever never comes to it need not hear of it.
    read.catch(() => undefined)
    return read
  }
  let from = -1
  let here: ReadonlyMap<string, Ahead> = new Map()
  let next: Promise<ReadonlyMap<string, Ahead>> | undefined
  return async (id) => {
    const known = here.get(id)
    if (known !== undefined) return known
    const at = places.get(id) ?? 0
    here = await (next !== undefined && at === from + AHEAD ? next : begin(at))
    from = at
    next = at + AHEAD < ids.length ? begin(at + AHEAD) : undefined
    return here.get(id) ?? { found: undefined, look: { entries: [], now: '' } }
  }
}

async function readBatch(client: Client, ids: readonly string[], runbooks: Map<string, Runbook>): Promise<ReadonlyMap<string, Ahead>> {
  const found = new Map((await findOnboardings(client, ids, runbooks)).map((one) => [one.onboarding.id, one]))
  const { rows } = await client.query<Row>({ name: 'onboard-entries', text: ENTRIES, values: [ids] })
  const details = await client.query<{ chain: string; seq: number; name: string; value: string | null }>({ name: 'onboard-details', text: DETAILS, values: [ids, UNREAD] })
  const now = (await client.query<{ now: string }>(CLOCK)).rows[0]?.now ?? ''
  const journals = new Map(ids.map((id) => [id, new Map<number, Read>()]))
  for (const row of rows) journals.get(row.chain)?.set(row.seq, entryOf(row))
  for (const { chain, seq, name, value } of details.rows) {
    const entry = journals.get(chain)?.get(seq)
    if (value === null) entry?.erased.push(name)
    else if (entry) entry.detail[name] = JSON.parse(value) as Json
  }
  return new Map(ids.map((id) => [id, { found: found.get(id), look: { entries: [...(journals.get(id)?.values() ?? [])], now } }]))
}

type Read = JournalEntry & { readonly detail: Record<string, Json>; readonly erased: string[] }

function entryOf({ seq, at, kind, phase, step, instance, facts }: Row): Read {
  const key = step === null ? null : { phase: phase ?? '', step, instance: instance ?? '' }
  return { seq, at, kind, key, run: null, facts, session_user: '', hash: '', detail: {}, erased: [] }
}
