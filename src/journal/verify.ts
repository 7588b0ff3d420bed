import { createHash } from 'node:crypto'
import type { Client } from 'pg'

/** One thing wrong with a chain; `seq` is where. */
export interface Fault {
  readonly seq: number
  readonly fault: 'edited' | 'missing' | 'column' | 'detail' | 'detail-missing' | 'head'
  readonly message: string
}

export interface Verification {
  readonly chain: string
  readonly entries: number
  readonly head: { readonly seq: number; readonly hash: string }
  /** Detail values erased on request; the chain is whole without them. */
  readonly erased: number
  readonly faults: readonly Fault[]
}

interface Row {
  seq: string
  at: string
  kind: string
  phase: string | null
  step: string | null
  instance: string | null
  run: string | null
  body: string
  hash: Buffer
}

const BATCH = 2_000

/**
 * Recomputes an onboarding's chain: `hash = sha256(previous || seq || LF || body)`, the columns against the body, the
 * detail against its salted digests, the head row against the last entry. Reads one snapshot, so that entries that are
 * appended meanwhile are no faults, in batches: memory does not grow. The client is in no transaction.
 */
export async function verifyChain(client: Client, chain: string): Promise<Verification> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    return await verify(client, chain)
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

async function verify(client: Client, chain: string): Promise<Verification> {
  const faults: Fault[] = []
  let previous: Buffer = Buffer.alloc(32)
  let expected = 1
  let erased = 0
  for (;;) {
    const { rows } = await client.query<Row>(
      `SELECT j.seq::text AS seq, to_char(j.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
              kind, phase, step, instance, run, body, hash
         FROM onboard.journal j WHERE j.chain = $1 AND j.seq >= $2 ORDER BY j.seq LIMIT ${BATCH}`, [chain, expected])
    if (rows.length === 0) break
    const details = await detailsOf(client, chain, expected, Number(rows.at(-1)?.seq))
    for (const row of rows) {
      const seq = Number(row.seq)
      if (seq !== expected) faults.push(missing(expected, seq - 1))
      const hash = createHash('sha256').update(previous).update(`${row.seq}\n${row.body}`).digest()
      if (!hash.equals(row.hash) && seq === expected) {
        faults.push({ seq, fault: 'edited', message: `entry ${seq} does not have the hash of what it says` })
      }
      faults.push(...columnFaults(row), ...detailFaults(seq, row.body, details.get(seq) ?? []))
      erased += (details.get(seq) ?? []).filter((d) => d.value === null).length
      // Go on from what is stored, so that one fault is named once.
      previous = row.hash
      expected = seq + 1
    }
  }
  const head = await headOf(client, chain)
  if (head.seq !== expected - 1) {
    const message = `the head row says ${head.seq} entries, ${expected - 1} are there: the tail was cut`
    faults.push({ seq: expected, fault: 'missing', message })
  } else if (head.hash !== previous.toString('hex')) {
    const message = 'the head row does not have the hash of the last entry'
    faults.push({ seq: head.seq, fault: 'head', message })
  }
  return { chain, entries: expected - 1, head, erased, faults }
}

function missing(from: number, to: number): Fault {
  const message = from === to ? `entry ${from} is missing` : `entries ${from} to ${to} are missing`
  return { seq: from, fault: 'missing', message }
}

interface Detail { seq: string; name: string; salt: Buffer | null; value: string | null }

async function detailsOf(client: Client, chain: string, from: number, to: number): Promise<Map<number, Detail[]>> {
  const { rows } = await client.query<Detail>(
    `SELECT d.seq::text AS seq, name, salt, value FROM onboard.journal_detail d
      WHERE chain = $1 AND d.seq BETWEEN $2 AND $3 ORDER BY d.seq, name`, [chain, from, to])
  return Map.groupBy(rows, (row) => Number(row.seq))
}

async function headOf(client: Client, chain: string): Promise<{ seq: number; hash: string }> {
  const { rows } = await client.query<{ seq: string; hash: string }>(
    `SELECT seq::text AS seq, encode(hash, 'hex') AS hash FROM onboard.chain WHERE id = $1`, [chain],
  )
  return { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.hash ?? '' }
}

interface Body {
  at: string
  kind: string
  key?: [phase: string, step: string, instance: string]
  run?: string
  /** Digests, by name. */
  detail: Record<string, string>
}

function parse(body: string): Body | undefined {
  try {
    return JSON.parse(body) as Body
  } catch {
    return undefined
  }
}

/** The columns repeat what the body says, for queries; the chain covers only the body. */
function columnFaults(row: Row): Fault[] {
  const body = parse(row.body)
  if (!body) return [{ seq: Number(row.seq), fault: 'edited', message: `entry ${row.seq} does not hold JSON` }]
  const stored = {
    at: row.at, kind: row.kind, key: row.step === null ? undefined : [row.phase, row.step, row.instance],
    run: row.run ?? undefined,
  }
  const said = { at: body.at, kind: body.kind, key: body.key, run: body.run }
  return Object.entries(stored)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(said[name as keyof typeof said]))
    .map(([name]) => {
      const message = `entry ${row.seq}: the column ${name} says other than the entry`
      return { seq: Number(row.seq), fault: 'column', message }
    })
}

function detailFaults(seq: number, text: string, stored: readonly Detail[]): Fault[] {
  const digests = parse(text)?.detail ?? {}
  const faults: Fault[] = []
  const wrong = (fault: Fault['fault'], name: string, what: string): void => {
    faults.push({ seq, fault, message: `entry ${seq}: detail '${name}' was ${what}` })
  }
  for (const { name, salt, value } of stored) {
    if (!Object.hasOwn(digests, name)) wrong('detail', name, 'added')
    else if (value !== null && salt !== null) {
      const hash = createHash('sha256').update(salt).update(value, 'utf8').digest('hex')
      if (hash !== digests[name]) wrong('detail', name, 'edited')
    }
  }
  const there = new Set(stored.map((d) => d.name))
  for (const name of Object.keys(digests)) {
    if (!there.has(name)) wrong('detail-missing', name, 'deleted, not erased')
  }
  return faults
}
