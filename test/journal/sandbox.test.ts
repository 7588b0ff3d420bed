/** What reads on a run's own connection, which may write, cannot write by any trick: within the run's transaction or not. */
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Session } from '../../src/engine/ports.ts'
import type { Database } from '../../src/database/open.ts'
import { openSession } from '../../src/journal/session.ts'
import { testDatabase } from '../support/database.ts'

const TRICKS: readonly (readonly [string, readonly string[]])[] = [
  ['a function that writes', []],
  ['the login’s own role', [`SELECT set_config('role', 'none', true)`]],
  ['the login’s own role for good', [`SELECT set_config('role', 'onboard_app', false)`]],
  ['the login’s own role in the same breath', [`SELECT set_config('role', 'none', true), public.sneak()`]],
  ['a writing transaction', [`SELECT set_config('transaction_read_only', 'off', true)`, `SELECT set_config('role', 'none', true)`]],
  ['writing transactions from now on', [`SELECT set_config('default_transaction_read_only', 'off', false)`, `SELECT set_config('role', 'none', false)`]],
]

let database: Database
let owner: Client
let session: Session
beforeAll(async () => {
  database = await testDatabase()
  owner = await database.connect('owner')
  await owner.query(`
    CREATE TABLE public.mark (a text); GRANT ALL ON public.mark TO onboard_app; GRANT SELECT ON public.mark TO onboard_reader;
    CREATE FUNCTION public.sneak() RETURNS int LANGUAGE sql VOLATILE AS $$ INSERT INTO public.mark VALUES ('x') RETURNING 1 $$;
    CREATE FUNCTION public.sneak_as_owner() RETURNS int LANGUAGE sql VOLATILE SECURITY DEFINER AS $$ INSERT INTO public.mark VALUES ('x') RETURNING 1 $$;`)
  const client = await database.connect('app')
  const { rows } = await client.query<{ id: string }>('SELECT onboard.open_chain() AS id')
  session = await openSession(client, { id: rows[0]?.id ?? '', key: 'acme' }, { product: {} as never, exec: () => Promise.reject(new Error('no programs')) })
})
afterAll(async () => {
  await session.close()
  await owner.end()
})

const marks = async (): Promise<unknown> => (await owner.query('SELECT count(*)::int AS n FROM public.mark')).rows[0]
const entry = { kind: 'failed', key: null, run: null, facts: {}, detail: {} } as const

describe.each(['before', 'after'] as const)('a read %s the write', (when) => {
  it.each(TRICKS)('does not write by %s, and the write still can', async (_name, first) => {
    for (const last of ['SELECT public.sneak()', 'SELECT public.sneak_as_owner()']) {
      const before = await marks()
      await session.begin(null)
      if (when === 'after') await session.write(async () => undefined)
      const read = session.reader('k')
      for (const sql of first) await read.many(sql).catch(() => undefined)
      await expect(read.many(last)).rejects.toThrow()
      await session.rollback()
      expect(await marks()).toEqual(before)
    }
    await session.begin(null)
    await session.write(async () => {
      await session.writer('k', () => undefined).run(`INSERT INTO public.mark VALUES ('meant')`)
    })
    await session.reader('k').many('SELECT a FROM public.mark')
    await session.commit(entry)
    expect((await owner.query(`DELETE FROM public.mark WHERE a = 'meant' RETURNING a`)).rowCount).toBe(1)
  })
})

describe('a read of its own', () => {
  it.each(TRICKS)('does not write by %s, and the journal still can', async (_name, first) => {
    const read = session.reader('k')
    for (const last of ['SELECT public.sneak()', 'SELECT public.sneak_as_owner()']) {
      for (const sql of first) await read.many(sql).catch(() => undefined)
      await expect(read.many(last)).rejects.toThrow()
    }
    expect(await marks()).toEqual({ n: 0 })
    const head = await session.append(entry)
    expect(await session.head()).toEqual(head)
  })
})
