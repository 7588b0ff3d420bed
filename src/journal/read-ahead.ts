import type { Client } from 'pg'
import { UNDO_DETAILS, type EntryKind, type JournalEntry, type Look } from '../engine/ports.ts'
import type { Json, JsonObject, Runbook } from '../model.ts'
import { findOnboardings, type Found } from './find.ts'

/** So many onboardings are read at once. */
const AHEAD = 10

/** Details that no status reads: they are the most. */
const UNREAD = [...UNDO_DETAILS, 'evidence', 'question', 'actor', 'recorder', 'by', 'data']

/**
 * Bodies and details are canonical JSON, in which no line ends and no tab stands: a journal is one text of lines, since
 * a row for each entry costs the server and us more than what stands in it. Of evidence what was found wrong is read.
 */
const JOURNALS = `
SELECT asked.id::text AS chain, to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now,
       (SELECT string_agg(j.seq || ' ' || j.body, E'\\n') FROM (
          SELECT seq, body FROM onboard.journal WHERE chain = asked.id ORDER BY seq) j) AS bodies,
       (SELECT string_agg(concat_ws(E'\\t', d.seq, d.name, d.value), E'\\n') FROM onboard.journal_detail d
         WHERE d.chain = asked.id AND (NOT d.name = ANY ($2::text[])
            OR (d.name = 'evidence'
                AND (d.value LIKE '%"result":"fail"%' OR d.value LIKE '%"result":"not_checked"%')))) AS details
  FROM unnest($1::uuid[]) AS asked(id)`

interface Row {
  readonly chain: string
  readonly now: string
  readonly bodies: string | null
  readonly details: string | null
}

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
export function readingAhead(
  client: Client, ids: readonly string[], runbooks: Map<string, Runbook>,
): (id: string) => Promise<Ahead> {
  const places = new Map(ids.map((id, at) => [id, at]))
  const begin = (at: number): Promise<Batch> => {
    const read = readBatch(client, ids.slice(at, at + AHEAD), runbooks)
    // Whoever never comes to it need not hear of it.
    read.catch(() => undefined)
    return read
  }
  let from = -1
  let here: Batch = new Map()
  let next: Promise<Batch> | undefined
  /** The one asked for last: it may be asked for again. */
  let current: { readonly id: string; readonly ahead: Ahead } | undefined
  return async (id) => {
    if (current?.id === id) return current.ahead
    if (!here.has(id)) {
      const at = places.get(id) ?? 0
      here = await (next !== undefined && at === from + AHEAD ? next : begin(at))
      from = at
      next = at + AHEAD < ids.length ? begin(at + AHEAD) : undefined
    }
    const ahead = here.get(id)?.() ?? { found: undefined, look: { entries: [], now: '' } }
    here.delete(id)
    current = { id, ahead }
    return ahead
  }
}

/** Each is parsed when it is asked for: a text is much smaller than what it says. */
type Batch = Map<string, () => Ahead>

async function readBatch(client: Client, ids: readonly string[], runbooks: Map<string, Runbook>): Promise<Batch> {
  const found = new Map((await findOnboardings(client, ids, runbooks)).map((one) => [one.onboarding.id, one]))
  const { rows } = await client.query<Row>({ name: 'onboard-journals', text: JOURNALS, values: [ids, UNREAD] })
  return new Map(rows.map(({ chain, now, bodies, details }) => [
    chain, () => ({ found: found.get(chain), look: { entries: entriesIn(bodies, details), now } }),
  ]))
}

type Read = JournalEntry & { readonly detail: Record<string, Json>; readonly erased: string[] }

function entriesIn(bodies: string | null, details: string | null): readonly JournalEntry[] {
  const entries = new Map<string, Read>()
  for (const line of bodies?.split('\n') ?? []) {
    const space = line.indexOf(' ')
    entries.set(line.slice(0, space), entryIn(Number(line.slice(0, space)), line.slice(space + 1)))
  }
  for (const line of details?.split('\n') ?? []) {
    const [named, valued] = [line.indexOf('\t'), line.lastIndexOf('\t')]
    const entry = entries.get(line.slice(0, named))
    if (named === valued) entry?.erased.push(line.slice(named + 1))
    else if (entry) entry.detail[line.slice(named + 1, valued)] = JSON.parse(line.slice(valued + 1)) as Json
  }
  return [...entries.values()]
}

interface Body {
  readonly at: string
  readonly entry: JsonObject
  readonly kind: EntryKind
  readonly key?: readonly [phase: string, step: string, instance: string]
}

/** Before the caller's own facts stand the digests of details, half of a body, which nobody needs here. */
const FACTS = '},"entry":'
const AT = '{"at":"'
/** After them. A quote within a text has a backslash before it, so that neither is found inside of one. */
const KIND = ',"kind":"'
const KEYED = /,"kind":"(\w+)"(?:,"key":\["([^"\\]*)","([^"\\]*)","([^"\\]*)"\])?,"(?:run|session_user)"/y

function entryIn(seq: number, body: string): Read {
  const [begin, end] = [body.indexOf(FACTS), body.lastIndexOf(KIND)]
  KEYED.lastIndex = end
  const told = body.startsWith(AT) && begin > 0 ? KEYED.exec(body) : null
  const { at, entry: facts, kind, key }: Body = told === null ? (JSON.parse(body) as Body) : {
    at: body.slice(AT.length, body.indexOf('"', AT.length)),
    entry: JSON.parse(body.slice(begin + FACTS.length, end)) as JsonObject,
    kind: told[1] as EntryKind,
    ...(told[3] === undefined ? {} : { key: [told[2] ?? '', told[3], told[4] ?? ''] }),
  }
  return {
    seq, at, kind, key: key === undefined ? null : { phase: key[0], step: key[1], instance: key[2] },
    run: null, facts, session_user: '', hash: '', detail: {}, erased: [],
  }
}
