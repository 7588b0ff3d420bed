/** What a run waits for has an end: a lock of somebody else's, a slow look, a program. */
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { exec } from '../../src/adapters/exec.ts'
import { defineAction } from '../../src/contract.ts'
import type { Action, Reader } from '../../src/contract.ts'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import type { Work } from '../../src/engine/ports.ts'
import { OnboardError } from '../../src/errors.ts'
import { testDatabase } from '../support/database.ts'
import { open, prepare, sketch, workOn } from './world.ts'
import type { StepSketch } from './world.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
})

let count = 0
async function start(steps: (p: string) => readonly StepSketch[], actions: Readonly<Record<string, unknown>> = {}) {
  const slug = `w${++count}`
  const setting = { runbook: sketch({ one: steps(slug) }), exec }
  const id = await open(database, setting, slug)
  const work = workOn(database, id, setting, slug)
  const catalogue: Work['catalogue'] = { names: () => [], load: async (name) => (actions[name] as Action | undefined) ?? work.catalogue.load(name) }
  return { slug, work: { ...work, catalogue } }
}

const outcomes = (result: { steps: readonly { key: { step: string }; outcome: string }[] }) => result.steps.map((s) => `${s.key.step} ${s.outcome}`)
const put = (id: string, key: string, more: Partial<StepSketch> = {}): StepSketch => ({ id, uses: 'put', with: { key, value: '1' }, needs: [], ...more })

/** An effect outside that does something in its check and something in its apply. */
const outside = (check: (read: Reader, times: number) => Promise<unknown>, does: (write: Reader) => Promise<unknown>) => {
  let done = false
  let times = 0
  return defineAction({
    title: 'Reaches outside.', example: {}, input: { type: 'object', properties: {} }, output: { type: 'object', properties: {} },
    where: 'outside',
    check: async (read) => {
      await check(read, ++times)
      return { done }
    },
    plan: (_input, seen) => seen.done ? null : { target: 'outside', before: null, after: {} },
    apply: async (write) => {
      await does(write)
      done = true
    },
    outputs: () => ({}),
  })
}

it('a row that somebody else keeps locked fails its step as a conflict, and the next attempt finds it free', async () => {
  const { slug, work } = await start((p) => [put('a', `${p}a`), put('b', `${p}b`), put('c', `${p}c`, { retry: { times: 1, backoff_ms: 1 } })])
  const owner = await database.connect('owner')
  const setting = async (how: string): Promise<void> => {
    const { rows } = await owner.query<{ name: string }>('SELECT quote_ident(current_database()) AS name')
    await owner.query(`ALTER DATABASE ${rows[0]?.name} ${how}`)
  }
  await setting(`SET lock_timeout = '400ms'`)
  const other = await database.connect('app')
  const lock = async (key: string): Promise<void> => {
    await other.query('BEGIN')
    await other.query('INSERT INTO public.thing (key, value) VALUES ($1, $2)', [key, 'theirs'])
  }
  await lock(`${slug}b`)
  const begun = performance.now()
  const result = await apply(work)
  expect(performance.now() - begun).toBeLessThan(10_000)
  expect(outcomes(result)).toEqual(['a changed', 'b failed', 'c changed'])
  expect(result.steps[1]).toMatchObject({ reason: expect.stringContaining('is locked by somebody else'), next: `onboard apply ${slug} --step b` })
  expect(result.exit).toBe(7)
  await other.query('ROLLBACK')
  expect(outcomes(await apply(work))).toEqual(['a unchanged', 'b changed', 'c unchanged'])
  await setting('RESET lock_timeout')
  const own = await work.session('00000000-0000-4000-8000-000000000000')
  expect(await own.reader('any').one(`SELECT current_setting('lock_timeout') AS t`)).toEqual({ t: '30s' })
  await own.close()
  for (const client of [other, owner]) await client.end()
  await work.close()
})

it('a look of an effect outside ends when the timeout of its step says so', async () => {
  const slow = outside((read) => read.one('SELECT pg_sleep(20)'), async () => undefined)
  const { work } = await start((p) => [{ id: 'a', uses: 'slow', timeout_ms: 200 }, put('b', `${p}b`)], { slow })
  const begun = performance.now()
  const result = await apply(work)
  expect(performance.now() - begun).toBeLessThan(5000)
  expect(outcomes(result)).toEqual(['a failed', 'b changed'])
  expect(result.steps[0]?.reason).toContain('too slow')
  await work.close()
})

it('so does the look at what was done before', async () => {
  let slow = false
  const kept = defineAction({
    title: 'Is looked at slowly.', example: {}, input: { type: 'object', properties: {} }, output: { type: 'object', properties: {} },
    where: 'database',
    check: async (read) => ({ there: (await read.one(`SELECT 1 AS one, ${slow ? 'pg_sleep(20)' : '2'} AS two FROM public.thing WHERE key = 'kept'`)) !== undefined }),
    plan: (_input, seen) => seen.there ? null : { target: 'kept', before: null, after: {} },
    apply: async (write) => { await write.run(`INSERT INTO public.thing VALUES ('kept', '1')`) },
    outputs: () => ({}),
  })
  const { work } = await start(() => [{ id: 'a', uses: 'kept', timeout_ms: 200 }], { kept })
  expect(outcomes(await apply(work))).toEqual(['a changed'])
  slow = true
  expect(outcomes(await apply(work))).toEqual(['a failed'])
  await work.close()
})

it('a program does not outlive the timeout of its step, whatever its own is', async () => {
  const argv = [process.execPath, '-e', 'setTimeout(() => {}, 20_000)']
  const runs = outside(async () => undefined, (write) => write.exec({ argv, timeout_ms: 60_000 }))
  const { work } = await start(() => [{ id: 'a', uses: 'runs', timeout_ms: 300 }], { runs })
  const result = await apply(work)
  expect(result.steps[0]).toMatchObject({ outcome: 'failed', reason: 'one.a: was not done within its timeout of 0.3 s' })
  await work.close()
})

it('a server that is away is a step that failed, is tried again where the runbook says so, and does not end the run', async () => {
  const away = async (): Promise<never> => {
    throw new OnboardError('unreachable', 'no-answer', 'mail.example cannot be reached')
  }
  const gone = outside(async () => undefined, away)
  const back = outside(async () => undefined, async () => (++tries < 3 ? away() : pause(1)))
  let tries = 0
  const { work } = await start((p) => [{ id: 'a', uses: 'gone' }, { id: 'b', uses: 'back', needs: [], retry: { times: 3, backoff_ms: 1 } }, put('c', `${p}c`)], { gone, back })
  const result = await apply(work)
  expect(outcomes(result)).toEqual(['a failed', 'b changed', 'c changed'])
  expect(result.exit).toBe(8)
  await work.close()
})

it('a step that failed alone is not suggested in a circle', async () => {
  const broken = outside(async () => undefined, async () => { throw new Error('no') })
  const misled = outside(async () => undefined, async () => { throw new OnboardError('invalid', 'mapping', 'product.tenants.columns.name: no such column') })
  const { slug, work } = await start(() => [{ id: 'a', uses: 'broken' }, { id: 'm', uses: 'misled', needs: [] }], { broken, misled })
  expect((await apply(work)).steps.map(({ next }) => next)).toEqual([`onboard apply ${slug} --step a`, 'onboard doctor'])
  expect((await apply(work, { extent: { phase: null, step: 'a' } })).steps.map(({ next }) => next)).toEqual([`onboard plan ${slug} --step a`])
  await work.close()
})
