/** The statements of durable steps as a person would send them with `pg`: what an engine is measured against. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Client } from 'pg'
import { EFFECT, READ } from './world.ts'

/** Rows to keep: steps of one onboarding. */
export interface Order {
  readonly chain: string
  readonly slug: string
  readonly steps: number
}

const APPEND = 'SELECT seq, hash FROM onboard.append($1, $2, $3, $4, $5, $6, $7, $8)'
const VALUE = 'x'.repeat(40)

/** What a step leaves in the journal, like the engine's entry. */
function entry({ chain, slug }: Order, n: number, run: string): (string | null)[] {
  const change = { target: `row ${slug}-${n}`, key: `${slug}-${n}`, before: null, after: { value: VALUE } }
  const value = { value: VALUE }
  const input = { key: `${slug}-${n}`, ...value }
  const detail = { input, outputs: value, change, seen: null, after: value }
  const texts = Object.fromEntries(Object.entries(detail).map(([name, of]) => [name, JSON.stringify(of)]))
  const body = JSON.stringify({ outcome: 'changed', uses: 'put' })
  return [chain, 'done', 'rows', `s${n}`, '', run, body, JSON.stringify(texts)]
}

/** Each statement unprepared and awaited: BEGIN, read, effect, read, journal, COMMIT. */
export async function unprepared(client: Client, order: Order): Promise<void> {
  const run = randomUUID()
  for (let n = 0; n < order.steps; n++) {
    const key = `${order.slug}-${n}`
    await client.query('BEGIN')
    await client.query(READ, [key])
    await client.query(EFFECT, [key, VALUE])
    await client.query(READ, [key])
    await client.query(APPEND, entry(order, n, run))
    await client.query('COMMIT')
  }
}

/** The same with a plain row as journal: no chain, no salted digests, nothing that refuses an edit. */
export async function plainJournal(client: Client, order: Order): Promise<void> {
  const run = randomUUID()
  for (let n = 0; n < order.steps; n++) {
    const key = `${order.slug}-${n}`
    await client.query('BEGIN')
    await client.query(READ, [key])
    await client.query(EFFECT, [key, VALUE])
    await client.query(READ, [key])
    await client.query('INSERT INTO public.plain_journal VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', entry(order, n, run))
    await client.query('COMMIT')
  }
}

/** Prepared once for the connection. */
export async function prepared(client: Client, order: Order): Promise<void> {
  const run = randomUUID()
  for (let n = 0; n < order.steps; n++) {
    const key = `${order.slug}-${n}`
    await client.query('BEGIN')
    await client.query({ name: 'read', text: READ, values: [key] })
    await client.query({ name: 'effect', text: EFFECT, values: [key, VALUE] })
    await client.query({ name: 'read', text: READ, values: [key] })
    await client.query({ name: 'append', text: APPEND, values: entry(order, n, run) })
    await client.query('COMMIT')
  }
}

/**
 * All of a step in one message: nothing that was read can decide what is written.
 * The least that durability can cost.
 */
export async function pipelined(client: Client, order: Order): Promise<void> {
  const run = randomUUID()
  for (let n = 0; n < order.steps; n++) {
    const key = `${order.slug}-${n}`
    const read = filled(READ, [key])
    const append = filled(APPEND, entry(order, n, run))
    const statements = ['BEGIN', read, filled(EFFECT, [key, VALUE]), read, append, 'COMMIT']
    await client.query(statements.join(';\n'))
  }
}

/** What a re-run of a finished onboarding has to look at. */
export async function checks(client: Client, order: Order): Promise<void> {
  for (let n = 0; n < order.steps; n++) await client.query(READ, [`${order.slug}-${n}`])
}

function filled(sql: string, values: readonly (string | null)[]): string {
  return sql.replaceAll(/\$(\d)/g, (_, n) => {
    const value = values[Number(n) - 1] ?? null
    return value === null ? 'NULL' : pg.escapeLiteral(value)
  })
}
