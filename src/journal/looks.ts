/**
 * What lasts of looks at onboardings, kept in the database beside their journals: a function of the journal, whose head
 * is a hash, of the inputs and of a ground, for a stretch of time. Whatever is missing costs time, nothing else.
 */
import type { Client } from 'pg'
import type { KeptRunbook, LastingLook } from '../onboarding/kept.ts'
import { STAMP, STAMPED } from './stamps.ts'
import { inTransaction } from './transaction.ts'

/** An onboarding as it was seen, with the runbook that it pins. */
export interface KeptLook {
  /** Digest of the runbook. */
  readonly digest: string
  readonly runbook: KeptRunbook
  readonly lasting: LastingLook['lasting']
}

/** An onboarding, and what is kept of it that holds. */
export interface Stamped {
  readonly id: string
  readonly stamp: string
  readonly look: KeptLook | null
}

/** On what day and at what instant (ISO 8601) looks are to hold, and on what they stand. */
export interface Moment {
  readonly ground: string
  readonly now: string
  readonly today: string
}

/** A look at an onboarding that had a stamp, and from when on it holds. */
export interface NewLook extends LastingLook {
  readonly id: string
  readonly stamp: string
  readonly digest: string
  /** ISO 8601 instant. */
  readonly since: string
}

/** So many are told at a time: all of them as rows would be the most that a status holds. */
const AT_ONCE = 500
/** So many configs or versions have looks beside each other. */
const GROUNDS = 4

const LOOKS = `SELECT o.id, ${STAMP} AS stamp, l.runbook, l.lasting FROM ${STAMPED}
  LEFT JOIN (SELECT DISTINCT ON (onboarding) onboarding, stamp, runbook, lasting FROM onboard.look
              WHERE ground = $1 AND since <= $2
                AND (until IS NULL OR $2 < until) AND (before IS NULL OR $3::date < before)
              ORDER BY onboarding, since DESC) l ON l.onboarding = o.id AND l.stamp = ${STAMP}
 ORDER BY c.slug COLLATE "C", o.name COLLATE "C"`

interface Row {
  readonly id: string
  readonly stamp: string
  /** Digest. */
  readonly runbook: string | null
  /** JSON. */
  readonly lasting: string | null
}

/** Every onboarding, by key, some at a time. `client` is in no transaction; one is open until the last is told. */
export async function* keptLooks(client: Client, { ground, now, today }: Moment): AsyncGenerator<Stamped> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL cursor_tuple_fraction = 1')
  try {
    const { rows: [known] } = await client.query<{ runbooks: Record<string, KeptRunbook> }>(
      'SELECT runbooks FROM onboard.look_ground WHERE ground = $1', [ground])
    const runbooks = known?.runbooks ?? {}
    await client.query(`DECLARE looks NO SCROLL CURSOR FOR ${LOOKS}`, [ground, now, today])
    for (;;) {
      const { rows } = await client.query<Row>(`FETCH ${AT_ONCE} FROM looks`)
      for (const row of rows) yield { id: row.id, stamp: row.stamp, look: lookIn(row, runbooks) }
      if (rows.length < AT_ONCE) return
    }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

function lookIn({ runbook: digest, lasting }: Row, runbooks: Readonly<Record<string, KeptRunbook>>): KeptLook | null {
  const runbook = digest === null ? undefined : runbooks[digest]
  if (digest === null || lasting === null || runbook === undefined) return null
  return { digest, runbook, lasting: JSON.parse(lasting) as KeptLook['lasting'] }
}

/** What tells whether anything of these onboardings has changed, by id. */
export async function stampsOf(client: Client, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ id: string; stamp: string }>(
    `SELECT o.id, ${STAMP} AS stamp FROM ${STAMPED} WHERE o.id = ANY ($1::uuid[])`, [ids])
  return new Map(rows.map(({ id, stamp }) => [id, stamp]))
}

/**
 * Puts looks in the place of those that were kept of their onboardings.
 * @param client of the app's login, in no transaction
 * @param runbooks of all their digests
 */
export async function keepLooks(
  client: Client, ground: string, looks: readonly NewLook[], runbooks: Readonly<Record<string, KeptRunbook>>,
): Promise<void> {
  // In one order, so that two who keep the same do not wait for each other in a circle.
  const sorted = looks.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const ids = [...new Set(sorted.map(({ id }) => id))]
  await inTransaction(client, 'no look was kept', async () => {
    // Whoever holds a lock for longer is waited for in vain: a look costs less.
    await client.query(`SET LOCAL lock_timeout = '2s'`)
    await useGround(client, ground, runbooks)
    await client.query('DELETE FROM onboard.look WHERE ground = $1 AND onboarding = ANY ($2::uuid[])', [ground, ids])
    await client.query(
      `INSERT INTO onboard.look (ground, onboarding, since, until, before, stamp, runbook, lasting)
       SELECT $1, * FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::date[],
                                $6::text[], $7::text[], $8::text[])
       ON CONFLICT (ground, onboarding, since) DO UPDATE
         SET until = EXCLUDED.until, before = EXCLUDED.before, stamp = EXCLUDED.stamp,
             runbook = EXCLUDED.runbook, lasting = EXCLUDED.lasting`,
      [ground, ...columnsOf(sorted)])
  })
}

/** Has a ground and its runbooks be there; those that were not used for longest make room. */
async function useGround(
  client: Client, ground: string, runbooks: Readonly<Record<string, KeptRunbook>>,
): Promise<void> {
  const { rows: [known] } = await client.query<{ is_fresh: boolean }>(
    `SELECT runbooks ?& $2::text[] AND used_at > clock_timestamp() - interval '1 day' AS is_fresh
       FROM onboard.look_ground WHERE ground = $1`, [ground, Object.keys(runbooks)])
  if (known?.is_fresh) return // and its row is nobody's to wait for
  await client.query(
    `INSERT INTO onboard.look_ground AS known (ground, runbooks) VALUES ($1, $2)
     ON CONFLICT (ground) DO UPDATE SET runbooks = known.runbooks || EXCLUDED.runbooks, used_at = clock_timestamp()`,
    [ground, JSON.stringify(runbooks)])
  await client.query(
    `DELETE FROM onboard.look_ground
      WHERE ground NOT IN (SELECT ground FROM onboard.look_ground ORDER BY used_at DESC LIMIT $1)`, [GROUNDS])
}

function columnsOf(looks: readonly NewLook[]): unknown[][] {
  return [
    looks.map(({ id }) => id),
    looks.map(({ since }) => since),
    looks.map(({ holds }) => holds.until),
    looks.map(({ holds }) => holds.before),
    looks.map(({ stamp }) => stamp),
    looks.map(({ digest }) => digest),
    looks.map(({ lasting }) => JSON.stringify(lasting)),
  ]
}

/** Deletes what is kept of an onboarding. */
export async function forgetLooks(client: Client, id: string): Promise<void> {
  await client.query('DELETE FROM onboard.look WHERE onboarding = $1', [id])
}
