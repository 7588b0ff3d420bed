/**
 * One action on a real database, by the engine's own session: what the laws and the actions' tests are written with.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'pg'
import { folderPostbox } from '../../src/adapters/mail.ts'
import {
  type Action, type Effect, type Program, type ProgramResult, type Reader, Secret, type Vault,
} from '../../src/contract.ts'
import type { Database } from '../../src/database/open.ts'
import { findTemplates } from '../../src/documents/find.ts'
import type { Session } from '../../src/engine/ports.ts'
import { createSeal } from '../../src/identity/seal.ts'
import { createReader, type Surroundings } from '../../src/journal/reader.ts'
import { openSession } from '../../src/journal/session.ts'
import type { Change, Json } from '../../src/model.ts'
import { createProduct } from '../../src/product/open.ts'
import type { Product, ProductConfig } from '../../src/product/port.ts'

export type AnyEffect = Effect<never, Json, never, Change>

export interface Issued {
  readonly name: string
  readonly value: Secret
  readonly expires_at?: string
  readonly note?: string
}

/** What became of one action: nothing to do where `change` is null. */
export interface Applied {
  readonly seen: never
  readonly change: Change | null
  readonly after: never
  readonly outputs: Json
  readonly secrets: readonly Issued[]
}

export interface World {
  readonly database: Database
  readonly product: Product
  /** Works with a Reader of the reader's own login. */
  reading<T>(work: (read: Reader) => Promise<T>): Promise<T>
  /** check, plan, apply, check again, commit; as the engine does; or applies the `change` given. */
  apply(action: Action, input: unknown, more?: { beforeCommit?: () => void; change?: Change }): Promise<Applied>
  undo(action: Action, applied: Applied): Promise<void>
  reissue(action: Action, input: unknown): Promise<readonly Issued[]>
  /** Statements as the owner of the tables. */
  sql<R = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<R[]>
  /** Digest and number of rows of every table that is not onboard's own. */
  dump(without?: readonly string[]): Promise<Readonly<Record<string, { rows: number; digest: string }>>>
  close(): Promise<void>
}

/** The onboarding that every World's steps belong to; `openAcme` makes its row, which documents and mail refer to. */
export const ACME = { id: '0a000000-0000-4000-8000-00000000acae', key: 'acme' }

export async function openAcme(world: Pick<World, 'sql'>): Promise<void> {
  const digest = 'a'.repeat(64)
  await world.sql(
    `INSERT INTO onboard.runbook (digest, name, version, compiled, files)
     VALUES ($1, 'enterprise', '1.0.0', '{}', '{}')`, [digest])
  await world.sql(`INSERT INTO onboard.chain (id) VALUES ($1)`, [ACME.id])
  await world.sql(`INSERT INTO onboard.customer (slug, company) VALUES ('acme', 'Acme')`)
  await world.sql(
    'INSERT INTO onboard.onboarding (id, customer, runbook) SELECT $1, c.id, $2 FROM onboard.customer c',
    [ACME.id, digest])
}

/** Where a World's mail goes: the same folder for every process that works on its database. */
export function mailFolder(database: Database): string {
  return join(tmpdir(), `onboard-mail-${database.label.replaceAll(/[^a-z0-9_]+/gi, '-')}`)
}

export const TEST_SEAL = createSeal(Buffer.alloc(32, 7))
export const CLIENT_SECRET = 'client-secret-of-the-tests'
/** As `onboard sso --client-secret-file` gives it. */
const TEST_VAULT: Vault = {
  given: async (name, place) => {
    const value = new Secret(CLIENT_SECRET)
    return name === 'client_secret' ? { text: TEST_SEAL.seal(value, place), mark: TEST_SEAL.mark(value, place) } : null
  },
  seal: async (value, place) => TEST_SEAL.seal(value, place),
}

const noPrograms = (): Promise<ProgramResult> => Promise.reject(new Error('no programs here'))

export async function createWorld(
  database: Database,
  config: ProductConfig = { form: 'reference' },
  exec: (program: Program) => Promise<ProgramResult> = noPrograms,
  more: Partial<Surroundings> = {},
): Promise<World> {
  const product = createProduct(config)
  const surroundings: Surroundings = {
    product,
    exec,
    onboarding: ACME,
    template: findTemplates(new Map()),
    postbox: async () => folderPostbox(mailFolder(database), 'Example Vendor <onboarding@vendor.example>'),
    vault: TEST_VAULT,
    ...more,
  }
  const owner = await database.connect('owner')
  const reader = await database.connect('reader')
  const key = 'acme/provision/step'

  const sql: World['sql'] = async (text, params = []) => (await owner.query(text, [...params])).rows as never
  const session = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const app = await database.connect('app')
    const { rows } = await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')
    const own = await openSession(app, { id: rows[0]?.id as string, key: 'acme' }, surroundings)
    try {
      await own.begin(null)
      return await work(own)
    } catch (error) {
      await own.rollback()
      throw error
    } finally {
      await own.close()
    }
  }
  const entry = { kind: 'done', key: null, run: null, facts: {}, detail: {} } as const

  return {
    database,
    product,
    sql,
    reading: (work) => work(createReader(reader, key, surroundings)),
    apply: (any, input, { beforeCommit = () => {}, change: given } = {}) =>
      session(async (own) => {
        const action = any as AnyEffect
        const secrets: Issued[] = []
        const read = own.reader(key)
        const seen = await action.check(read, input as never)
        const change = given ?? action.plan(input as never, seen)
        let after = seen
        if (change !== null) {
          await own.write(() =>
            action.apply(
              own.writer(key, (name, value, more) => secrets.push({ name, value, ...more })),
              change,
            ),
          )
          after = await action.check(read, input as never)
        }
        beforeCommit()
        await own.commit(entry)
        return { seen, change, after, secrets, outputs: action.outputs(input as never, after) }
      }),
    undo: (any, { change, after }) =>
      session(async (own) => {
        const action = any as AnyEffect
        const writer = own.writer(key, () => {
          throw new Error('undo issues no secrets')
        })
        await own.write(() => action.undo?.(writer, change as never, after) as Promise<void>)
        await own.commit(entry)
      }),
    reissue: (any, input) =>
      session(async (own) => {
        const action = any as AnyEffect
        const secrets: Issued[] = []
        const seen = await action.check(own.reader(key), input as never)
        const writer = own.writer(key, (name, value, more) => secrets.push({ name, value, ...more }))
        await own.write(() => action.reissue?.(writer, input as never, seen) as Promise<void>)
        await own.commit(entry)
        return secrets
      }),
    dump: (without = []) => dumpOf(owner, without),
    close: async () => {
      await owner.end()
      await reader.end()
    },
  }
}

async function dumpOf(
  owner: Client,
  without: readonly string[],
): Promise<Readonly<Record<string, { rows: number; digest: string }>>> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'onboard') ORDER BY 1`,
  )
  const all: Record<string, { rows: number; digest: string }> = {}
  for (const { name } of tables) {
    const { rows } = await owner.query<{ rows: number; digest: string }>(
      `SELECT count(*)::int AS rows, md5(coalesce(string_agg(r, E'\\n' ORDER BY r), '')) AS digest
         FROM (SELECT (to_jsonb(t) - $1::text[])::text AS r FROM ${name} t) x`,
      [[...without]],
    )
    all[name] = rows[0] as { rows: number; digest: string }
  }
  return all
}
