/** Effects that follow each other in the database share a transaction: what that may never change. */
import { beforeAll, describe, expect, it } from 'vitest'
import { defineAction } from '../../src/contract.ts'
import type { Action } from '../../src/contract.ts'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import type { Work } from '../../src/engine/ports.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { sqlAsOwner, testDatabase } from '../support/database.ts'
import { open, prepare, sketch, workOn } from './world.ts'
import type { Setting, StepSketch } from './world.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
  await sql('ALTER TABLE public.effect ADD COLUMN xid text NOT NULL DEFAULT pg_current_xact_id()::text')
})

const sql = <R extends object = Record<string, string>>(text: string, params: readonly unknown[] = []) => (
  sqlAsOwner<R>(database, text, params)
)

let count = 0
async function start(steps: (p: string) => readonly StepSketch[], more: Omit<Setting, 'runbook'> = {}) {
  const slug = `g${++count}`
  const said: string[] = []
  // However slow the machine is, a group ends for a reason that a test gives.
  const setting: Setting = { runbook: sketch({ one: steps(slug) }), reached: (point) => said.push(point), share_ms: 60_000, ...more }
  const id = await open(database, setting, slug)
  const emit: Work['emit'] = (event) => {
    if (event.type === 'step.ended') said.push(`ended ${event.result.key.step}`)
  }
  return { slug, id, said, work: { ...workOn(database, id, setting, slug), emit } }
}

const put = (id: string, key: string, more: Partial<StepSketch> = {}): StepSketch => ({ id, uses: 'put', with: { key, value: '1' }, ...more })
const outcomes = (result: { steps: readonly { key: { step: string }; outcome: string }[] }) => result.steps.map((s) => `${s.key.step} ${s.outcome}`)

/** Which of an onboarding's effects were committed together: their steps' names, a transaction each. */
async function transactions(slug: string): Promise<string[]> {
  const rows = await sql<{ keys: string }>(`SELECT string_agg(replace(key, $1, ''), '') AS keys FROM public.effect WHERE starts_with(key, $1) GROUP BY xid ORDER BY min(ctid)`, [slug])
  return rows.map(({ keys }) => keys)
}

async function entries(id: string) {
  const rows = await sql<{ said: string }>(`SELECT concat(kind, ' ', step) AS said FROM onboard.journal WHERE chain = $1 ORDER BY seq`, [id])
  return rows.map(({ said }) => said)
}

/** The same work with one more action in its catalogue. */
function withAction(work: Work, name: string, action: unknown): Work {
  return { ...work, catalogue: { names: () => [name], load: async (asked) => (asked === name ? (action as Action) : work.catalogue.load(asked)) } }
}

/** An effect that sends statements of its own before it sets its value. */
const sending = (...statements: readonly string[]) => defineAction({
  title: 'Sends statements.', example: { key: 'a' },
  input: { type: 'object', required: ['key'], properties: { key: { type: 'string' } } }, output: { type: 'object', properties: {} },
  where: 'database',
  check: async (read, input) => ({ there: (await read.one('SELECT 1 AS one FROM public.thing WHERE key = $1', [input.key])) !== undefined }),
  plan: (input, seen) => seen.there ? null : { target: input.key, key: input.key, before: null, after: {} },
  apply: async (write, change) => {
    for (const statement of statements) await write.run(statement)
    await write.run('INSERT INTO public.effect (key) VALUES ($1)', [change.key])
    await write.run(`INSERT INTO public.thing VALUES ($1, '1')`, [change.key])
  },
  outputs: () => ({}),
})

describe('effects that follow each other', () => {
  it('share a transaction, and none is said to have ended before it', async () => {
    const { slug, id, said, work } = await start((p) => [put('a', `${p}a`), put('b', `${p}b`), put('c', `${p}c`)])
    expect(outcomes(await apply(work))).toEqual(['a changed', 'b changed', 'c changed'])
    expect(await transactions(slug)).toEqual(['abc'])
    expect(await entries(id)).toEqual(['done a', 'done b', 'done c'])
    const first = said.findIndex((point) => point.endsWith('committed') || point.startsWith('ended'))
    expect(said.slice(0, first).filter((point) => point.endsWith('held'))).toEqual(['one.a held', 'one.b held', 'one.c held'])
    expect(said.slice(first)).toEqual(['one.a committed', 'one.b committed', 'one.c committed', 'ended a', 'ended b', 'ended c', 'ended'])
    expect(outcomes(await apply(work))).toEqual(['a unchanged', 'b unchanged', 'c unchanged'])
    expect(await entries(id)).toHaveLength(3)
    await work.close()
  })

  it('are committed before a probe, a person or an effect that issues a secret has its turn', async () => {
    const { slug, id, said, work } = await start((p) => [
      put('a', `${p}a`), { id: 'seen', uses: 'look', with: { key: `${p}a`, value: '1' } },
      put('b', `${p}b`), { id: 'mint', uses: 'mint', with: { key: `${p}m` } },
      put('c', `${p}c`), { id: 'word', uses: 'word' }, put('d', `${p}d`, { needs: ['c'] }),
    ])
    expect(outcomes(await apply(work))).toEqual(['a changed', 'seen changed', 'b changed', 'mint changed', 'c changed', 'word waiting', 'd changed'])
    expect(await transactions(slug)).toEqual(['a', 'b', 'c', 'd'])
    expect(said.indexOf('one.b committed')).toBeLessThan(said.indexOf('one.mint begun'))
    expect(said.filter((point) => point.startsWith('ended ')).slice(0, 2)).toEqual(['ended a', 'ended seen'])
    expect((await sql<{ n: number }>('SELECT count(*)::int AS n FROM onboard.journal WHERE chain = $1', [id]))[0]?.n).toBe(6)
    await work.close()
  })

  it('do not keep others waiting: a group ends when it has been open for long, and a step with a time limit stands alone', async () => {
    const { slug, work } = await start((p) => [
      { id: 'slow', uses: 'slow', with: { key: `${p}s` } }, put('a', `${p}a`), put('t', `${p}t`, { timeout_ms: 5000 }), put('b', `${p}b`),
    ], { share_ms: 25 })
    expect((await apply(withAction(work, 'slow', sending('SELECT pg_sleep(0.03)')))).exit).toBe(0)
    expect(await transactions(slug)).toEqual(['s', 'a', 't', 'b'])
    await work.close()
  })
})

describe('one of them that fails', () => {
  it('is taken back alone: what was done before it stays, and what does not need it goes on', async () => {
    const { slug, id, work } = await start((p) => [
      put('a', `${p}a`), put('b', `${p}b`), put('x', `${p}x`), put('c', `${p}c`, { needs: ['b'] }), put('d', `${p}d`, { needs: ['x'] }),
    ])
    const refusing = withAction(work, 'put', { ...((await work.catalogue.load('put')) as object), apply: failingFor(`${slug}x`, await work.catalogue.load('put')) })
    expect(outcomes(await apply(refusing))).toEqual(['a changed', 'b changed', 'x failed', 'c changed', 'd blocked'])
    expect(await transactions(slug)).toEqual(['ab', 'c'])
    expect(await entries(id)).toEqual(['done a', 'done b', 'failed x', 'done c'])
    const app = await database.connect('app')
    expect((await verifyChain(app, id)).faults).toEqual([])
    await app.end()
    await work.close()
  })

  it('only when it is committed is named: of its group nothing stays, and each effect is done for itself', async () => {
    const { slug, id, work } = await start((p) => [put('a', `${p}a`), put('b', `${p}b`), put('c', `${p}c`, { needs: ['a'] }), put('d', `${p}d`, { needs: ['b'] })])
    await sql(`CREATE FUNCTION public.late_${slug}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused at the end' USING ERRCODE = '23514'; END $$`)
    await sql(`CREATE CONSTRAINT TRIGGER late_${slug} AFTER INSERT ON public.thing DEFERRABLE INITIALLY DEFERRED
               FOR EACH ROW WHEN (NEW.key = '${slug}b') EXECUTE FUNCTION public.late_${slug}()`)
    const result = await apply(work)
    expect(outcomes(result)).toEqual(['a changed', 'b failed', 'c changed', 'd blocked'])
    expect(result.steps[1]?.reason).toContain('refused at the end')
    expect(await transactions(slug)).toEqual(['a', 'c'])
    expect(await entries(id)).toEqual(['done a', 'failed b', 'done c'])
    await sql(`DROP TRIGGER late_${slug} ON public.thing`)
    expect(outcomes(await apply(work))).toEqual(['a unchanged', 'b changed', 'c unchanged', 'd changed'])
    await work.close()
  })
})

describe('a statement of an effect', () => {
  it.each(['COMMIT', 'ROLLBACK', '-- done\n rollback to savepoint step', '/* */ SAVEPOINT look', 'END'])('that would end what it shares is refused: %s', async (statement) => {
    const { slug, id, work } = await start((p) => [put('a', `${p}a`), { id: 'bad', uses: 'bad', with: { key: `${p}b` } }])
    const result = await apply(withAction(work, 'bad', sending(statement)))
    expect(outcomes(result)).toEqual(['a changed', 'bad failed'])
    expect(result.steps[1]?.reason).toContain('begun and ended by the engine')
    expect(await transactions(slug)).toEqual(['a'])
    expect(await entries(id)).toEqual(['done a', 'failed bad'])
    await work.close()
  })

  it('that sets something for its transaction ends the group: the next effect does not meet it', async () => {
    const { slug, work } = await start((p) => [put('a', `${p}a`), { id: 'set', uses: 'set', with: { key: `${p}s` } }, put('b', `${p}b`)])
    expect((await apply(withAction(work, 'set', sending(`SET LOCAL search_path = nowhere`)))).exit).toBe(0)
    expect(await transactions(slug)).toEqual(['as', 'b'])
    await work.close()
  })
})

function failingFor(key: string, action: Action | undefined) {
  if (action?.kind !== 'effect') throw new Error('no effect')
  return async (write: never, change: never) => {
    await action.apply(write, change)
    if ((change as { key: string }).key === key) throw new Error('changed its mind')
  }
}
