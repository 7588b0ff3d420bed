import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { openSession } from '../../src/journal/session.ts'
import { readOnly } from '../../src/journal/reading.ts'
import { testDatabase } from '../support/database.ts'

/** Every trick to write through a query. Each must fail, and leave nothing behind. */
const TRICKS: readonly (readonly [string, string])[] = [
  ['a plain write', `INSERT INTO public.mark VALUES ('x')`],
  ['a second statement', `SELECT 1; INSERT INTO public.mark VALUES ('x')`],
  ['out of the transaction', `SELECT 1; COMMIT; INSERT INTO public.mark VALUES ('x')`],
  ['out of the subquery', `SELECT 1) AS a; INSERT INTO public.mark VALUES ('x'); SELECT * FROM (SELECT 1`],
  ['a comment that hides the end', `SELECT 1) AS a; INSERT INTO public.mark VALUES ('x') --`],
  ['a data-modifying WITH', `WITH w AS (INSERT INTO public.mark VALUES ('x') RETURNING 1) SELECT * FROM w`],
  ['a function that writes', `SELECT public.sneak()`],
  ['a function of the owner', `SELECT public.sneak_as_owner()`],
  ['SELECT INTO', `SELECT 1 AS a INTO public.made`],
  ['a table', `CREATE TABLE public.made (a int)`],
  ['a temporary table', `CREATE TEMPORARY TABLE made (a int)`],
  ['COPY to a program', `COPY (SELECT 1) TO PROGRAM 'touch made'`],
  ['COPY from', `COPY public.mark FROM PROGRAM 'echo x'`],
  ['another role', `SET ROLE onboard_owner`],
  ['another role by function', `SELECT set_config('role', 'onboard_owner', false)`],
  ['a writing transaction', `SET TRANSACTION READ WRITE`],
  ['a writing transaction by function', `SELECT set_config('transaction_read_only', 'off', false)`],
  ['a sequence', `SELECT nextval('public.count')`],
  ['a large object', `SELECT lo_from_bytea(0, 'x')`],
  ['a DO block', `DO $$ BEGIN INSERT INTO public.mark VALUES ('x'); END $$`],
  ['a procedure', `CALL public.sneak_by_call()`],
  ['a lock on rows', `SELECT * FROM public.mark FOR UPDATE`],
  ['the journal', `SELECT onboard.append('00000000-0000-0000-0000-000000000000', 'x', NULL, NULL, NULL, NULL, '{}', NULL)`],
  ['the clock', `SELECT onboard.move_clock('2030-01-01')`],
  ['password hashes', `SELECT password_hash FROM public.users`],
]

let database: Database
let chain: string
let owner: Client
beforeAll(async () => {
  database = await testDatabase()
  owner = await database.connect('owner')
  await owner.query(`
    CREATE TABLE public.mark (a text); INSERT INTO public.mark VALUES ('first'); CREATE SEQUENCE public.count;
    GRANT ALL ON public.mark TO onboard_app; GRANT SELECT ON public.mark TO onboard_reader;
    CREATE FUNCTION public.sneak() RETURNS int LANGUAGE sql VOLATILE AS $$ INSERT INTO public.mark VALUES ('x') RETURNING 1 $$;
    CREATE FUNCTION public.sneak_as_owner() RETURNS int LANGUAGE sql VOLATILE SECURITY DEFINER AS $$ INSERT INTO public.mark VALUES ('x') RETURNING 1 $$;
    CREATE PROCEDURE public.sneak_by_call() LANGUAGE plpgsql AS $$ BEGIN COMMIT; INSERT INTO public.mark VALUES ('x'); END $$;`)
  const app = await database.connect('app')
  chain = (await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')).rows[0]?.id as string
  await app.end()
})
afterAll(() => owner.end())

const surroundings = { product: { form: 'reference' } as never, exec: () => Promise.reject(new Error('no programs')) }

async function state(): Promise<unknown> {
  const { rows } = await owner.query(`SELECT (SELECT count(*) FROM public.mark) AS marks, (SELECT is_called FROM public.count) AS counted,
    (SELECT count(*) FROM pg_class WHERE relname = 'made') AS made, (SELECT count(*) FROM pg_largeobject_metadata) AS objects,
    (SELECT seq FROM onboard.chain WHERE id = $1) AS seq, (SELECT simulated FROM onboard.clock) AS clock`, [chain])
  return rows[0]
}

describe('a Reader', () => {
  it.each(TRICKS)('does not write by %s', async (_name, sql) => {
    const before = await state()
    const client = await database.connect('reader')
    await readOnly(client, chain, surroundings, async (read) => {
      const tried = await read('k').many(sql).then(() => 'answered', () => 'refused')
      // A setting may be answered; what it is meant to open must stay shut.
      const after = await read('k').many('SELECT public.sneak()').then(() => 'wrote', () => 'refused')
      expect([tried === 'refused' || sql.includes('set_config'), after]).toEqual([true, 'refused'])
    })
    await client.end()
    expect(await state()).toEqual(before)
  })

  it('reads, with bound values, in order', async () => {
    const client = await database.connect('reader')
    const rows = await readOnly(client, chain, surroundings, (read) => read('k').many(`SELECT v FROM (VALUES ('b'), ('a; DROP TABLE x')) AS t (v) WHERE v <> $1 ORDER BY v -- the last line`, ['c']))
    expect(rows).toEqual([{ v: 'a; DROP TABLE x' }, { v: 'b' }])
    await client.end()
  })

  it('goes on after a query that failed, so that one broken step does not end a plan', async () => {
    const client = await database.connect('reader')
    const one = await readOnly(client, chain, surroundings, async (read) => {
      await expect(read('k').one('SELECT nothing')).rejects.toThrow()
      return read('k').one('SELECT 1 AS one')
    })
    expect(one).toEqual({ one: 1 })
    await client.end()
  })

  it('within a run’s own transaction is the reader as well: check cannot write even there', async () => {
    const client = await database.connect('app')
    const session = await openSession(client, { id: chain, key: 'acme' }, surroundings)
    for (const sql of [`SELECT public.sneak()`, `WITH w AS (DELETE FROM public.mark RETURNING 1) SELECT * FROM w`, `SELECT 1; COMMIT; DELETE FROM public.mark`]) {
      await session.begin(null)
      await expect(session.reader('k').many(sql)).rejects.toThrow()
      await session.rollback()
    }
    await session.close()
    expect(await state()).toMatchObject({ marks: '1' })
  })
})
