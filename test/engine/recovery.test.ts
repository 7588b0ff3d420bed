/** What is left after something broke between two of the engine's steps: nothing doubled, nothing lost, nothing stuck. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineAction, defineProbe } from '../../src/contract.ts'
import type { Action } from '../../src/contract.ts'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { plan } from '../../src/engine/plan.ts'
import type { Work } from '../../src/engine/ports.ts'
import { reissue } from '../../src/engine/reissue.ts'
import { undo } from '../../src/engine/undo.ts'
import { status } from '../../src/onboarding/status.ts'
import { sqlAsOwner, testDatabase } from '../support/database.ts'
import { prepare, sketch, starter, workOn } from './world.ts'
import type { StepSketch } from './world.ts'

let database: Database
let folder: string
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
  folder = mkdtempSync(join(tmpdir(), 'onboard-recovery-'))
})

const start = starter(() => database, 'r')

const sql = <R extends object = Record<string, string>>(text: string, params: readonly unknown[] = []) => (
  sqlAsOwner<R>(database, text, params)
)

/** The same work with one more action in its catalogue. */
function withAction(work: Work, name: string, action: unknown): Work {
  return { ...work, catalogue: { names: () => [name], load: async (asked) => (asked === name ? (action as Action) : work.catalogue.load(asked)) } }
}

const outcomes = (result: { steps: readonly { key: { step: string }; outcome: string }[] }) => result.steps.map((s) => `${s.key.step} ${s.outcome}`)
const put = (id: string, key: string, value: string, more: Partial<StepSketch> = {}): StepSketch => ({ id, uses: 'put', with: { key, value }, ...more })
const sudden = new Error('as if killed')

describe('an effect outside', () => {
  it('that ended though nobody was left to say so is journaled as ours, with what undo needs', async () => {
    const file = join(folder, 'flag')
    const { id, setting, slug, work } = await start(() => ({ one: [{ id: 'flag', uses: 'flag', with: { file } }] }))
    const dying = workOn(database, id, { ...setting, reached: (point) => { if (point === 'one.flag applied') throw sudden } }, slug)
    await apply(dying)
    expect(existsSync(file)).toBe(true)
    expect(await apply(work)).toMatchObject({ steps: [{ outcome: 'changed', changes: [{ field: 'there', after: true }] }] })
    expect(await undo(work, { phase: 'one', step: null })).toMatchObject({ exit: 0, steps: [{ outcome: 'undone' }] })
    expect(existsSync(file)).toBe(false)
    await work.close()
    await dying.close()
  })

  it('whose verification failed once is still ours after the retry', async () => {
    const file = join(folder, 'shaky')
    let checks = 0
    const shaky = defineAction({
      title: 'Makes a file that is seen late.', example: {}, input: { type: 'object', properties: {} }, output: { type: 'object', properties: {} },
      where: 'outside',
      check: async () => {
        if (++checks === 3) throw new Error('the network blinked')
        return { there: existsSync(file) }
      },
      plan: (_input, seen) => seen.there ? null : { target: file, before: null, after: { there: true } },
      apply: async () => writeFileSync(file, '', { flag: 'wx' }),
      outputs: () => ({}),
      undo: async () => rmSync(file),
    })
    const begun = await start(() => ({ one: [{ id: 'a', uses: 'shaky', retry: { times: 2, backoff_ms: 1 } }] }))
    const work = withAction(begun.work, 'shaky', shaky)
    expect(outcomes(await apply(work))).toEqual(['a changed'])
    expect(outcomes(await undo(work, { phase: 'one', step: null }))).toEqual(['a undone'])
    expect(existsSync(file)).toBe(false)
    await begun.work.close()
  })

  it('that is begun anew with another change is undone to what was there before that one', async () => {
    const file = join(folder, 'text')
    writeFileSync(file, 'original')
    let broken = true
    const write = defineAction({
      title: 'Writes a file.', example: { text: 'a' },
      input: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } }, output: { type: 'object', properties: {} },
      where: 'outside',
      check: async () => ({ text: readFileSync(file, 'utf8') }),
      plan: (input, seen) => seen.text === input.text ? null : { target: file, before: seen, after: { text: input.text } },
      apply: async (_write, change) => {
        if (broken) throw new Error('no')
        writeFileSync(file, String(change.after?.['text']))
      },
      outputs: () => ({}),
      undo: async (_write, change) => writeFileSync(file, String(change.before?.['text'])),
    })
    const begun = await start(() => ({ one: [{ id: 'a', uses: 'write', with: { text: 'wanted' } }] }))
    await apply(withAction(begun.work, 'write', write))
    writeFileSync(file, 'by hand')
    broken = false
    const dying = workOn(database, begun.id, { ...begun.setting, reached: (point) => { if (point === 'one.a applied') throw sudden } }, begun.slug)
    await apply(withAction(dying, 'write', write))
    const work = withAction(begun.work, 'write', write)
    expect(outcomes(await apply(work))).toEqual(['a changed'])
    expect(outcomes(await undo(work, { phase: 'one', step: null }))).toEqual(['a undone'])
    expect(readFileSync(file, 'utf8')).toBe('by hand')
    await begun.work.close()
    await dying.close()
  })

  it('is undone only if its undo took', async () => {
    const file = join(folder, 'sticky')
    const sticky = defineAction({
      title: 'Makes a file that stays.', example: {}, input: { type: 'object', properties: {} }, output: { type: 'object', properties: {} },
      where: 'outside',
      check: async () => ({ there: existsSync(file) }),
      plan: (_input, seen) => seen.there ? null : { target: file, before: null, after: { there: true } },
      apply: async () => appendFileSync(file, ''),
      outputs: () => ({}),
      undo: async () => undefined,
    })
    const begun = await start(() => ({ one: [{ id: 'a', uses: 'sticky' }] }))
    const work = withAction(begun.work, 'sticky', sticky)
    await apply(work)
    expect(await undo(work, { phase: 'one', step: null })).toMatchObject({ exit: 1, steps: [{ outcome: 'failed', reason: expect.stringContaining('did not restore') }] })
    expect((await status(work)).phases[0]?.steps[0]?.state).toBe('done')
    await begun.work.close()
  })
})

describe('a database that goes away', () => {
  it('ends the run as unreachable, without a retry, and keeps what was committed; what shared a transaction with it failed with it', async () => {
    const { slug, id, setting, work } = await start((p) => ({ one: [{ id: 'm', uses: 'mint', with: { key: `${p}m` } }, put('a', `${p}a`, '1'), put('b', `${p}b`, '1', { retry: { times: 3, backoff_ms: 1 } }), put('c', `${p}c`, '1', { needs: [] })] }))
    await sql(`CREATE FUNCTION public.cut_${slug}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`)
    await sql(`CREATE TRIGGER cut BEFORE INSERT ON public.thing FOR EACH ROW WHEN (NEW.key = '${slug}b') EXECUTE FUNCTION public.cut_${slug}()`)
    const result = await apply(work)
    expect(outcomes(result)).toEqual(['m changed', 'a failed', 'b failed'])
    expect(result.exit).toBe(8)
    await sql('DROP TRIGGER cut ON public.thing')
    const later = workOn(database, id, setting, slug)
    expect(outcomes(await apply(later))).toEqual(['m unchanged', 'a changed', 'b changed', 'c changed'])
    await work.close()
    await later.close()
  })

  it('that is too full even for the journal still says why the step failed', async () => {
    const { slug, id, work } = await start((p) => ({ one: [put('a', `${p}a`, '1')] }))
    await sql(`CREATE FUNCTION public.full_${slug}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`)
    await sql(`CREATE TRIGGER full_${slug} BEFORE INSERT ON onboard.journal FOR EACH ROW WHEN (NEW.chain = '${id}') EXECUTE FUNCTION public.full_${slug}()`)
    const result = await apply(work)
    expect(result).toMatchObject({ exit: 1, steps: [{ outcome: 'failed', reason: expect.stringContaining('no disk space left') }] })
    await sql(`DROP TRIGGER full_${slug} ON onboard.journal`)
    expect(outcomes(await apply(work))).toEqual(['a changed'])
    await work.close()
  })

  it('that refuses an undo is one step that failed, after those that were undone', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), put('b', `${p}b`, '1')] }))
    await apply(work)
    await sql(`CREATE FUNCTION public.stay_${slug}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '53100'; END $$`)
    await sql(`CREATE TRIGGER stay BEFORE DELETE ON public.thing FOR EACH ROW WHEN (OLD.key = '${slug}a') EXECUTE FUNCTION public.stay_${slug}()`)
    const result = await undo(work, { phase: 'one', step: null })
    expect(outcomes(result)).toEqual(['b undone', 'a failed'])
    expect(result.exit).toBe(1)
    await sql('DROP TRIGGER stay ON public.thing')
    expect(outcomes(await undo(work, { phase: 'one', step: null }))).toEqual(['a undone'])
    await work.close()
  })
})

describe('a look', () => {
  it('of a probe ends when the step says so', async () => {
    const slow = defineProbe({
      title: 'Looks for long.', example: {}, input: { type: 'object', properties: {} }, output: { type: 'object', properties: {} },
      touches: 'nothing', max_age_ms: null,
      probe: async (read) => {
        await read.one('SELECT pg_sleep(20)')
        return { result: 'pass', summary: 'seen', data: null }
      },
      outputs: () => ({}),
    })
    const begun = await start((p) => ({ one: [{ id: 'see', uses: 'slow', timeout_ms: 100 }, put('a', `${p}a`, '1', { needs: [] })] }))
    const work = withAction(begun.work, 'slow', slow)
    const from = Date.now()
    expect(await apply(work)).toMatchObject({ exit: 1, steps: [{ outcome: 'failed', reason: expect.stringContaining('too slow') }, { outcome: 'changed' }] })
    expect(Date.now() - from).toBeLessThan(10_000)
    await begun.work.close()
  })

  it('that the database refuses blocks its step in a plan, and not the plan', async () => {
    const lost = defineAction({
      title: 'Keeps a row of a table that is not there.', example: {}, input: { type: 'object', properties: {} }, output: { type: 'object', properties: {} },
      where: 'database',
      check: (read) => read.many('SELECT * FROM public.not_there'),
      plan: () => null, apply: async () => undefined, outputs: () => ({}),
    })
    const forbidden = { ...lost, check: (read: { many(sql: string): Promise<unknown> }) => read.many('SELECT * FROM onboard_private.secret') }
    await sql('CREATE SCHEMA IF NOT EXISTS onboard_private')
    const begun = await start((p) => ({ one: [{ id: 'lost', uses: 'lost' }, { id: 'shut', uses: 'shut', needs: [] }, put('a', `${p}a`, '1', { needs: [] })] }))
    const work = withAction(withAction(begun.work, 'lost', lost), 'shut', forbidden)
    const { steps } = await plan(work)
    expect(steps.map((s) => s.action)).toEqual(['blocked', 'blocked', 'create'])
    expect(steps[0]?.reason).toContain('not_there')
    expect(steps[1]?.reason).toContain('permission denied')
    await begun.work.close()
  })
})

describe('a step that failed', () => {
  it('and was then set right by hand is done, for status and for the phases after it', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1')], two: [put('b', `${p}b`, '1')] }))
    await apply(work, { extent: { phase: 'one', step: null } })
    await sql(`UPDATE public.thing SET value = '9' WHERE key = $1`, [`${slug}a`])
    await sql(`CREATE FUNCTION public.once_${slug}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not yet'; END $$`)
    await sql(`CREATE TRIGGER once BEFORE INSERT ON public.thing FOR EACH ROW WHEN (NEW.key = '${slug}a') EXECUTE FUNCTION public.once_${slug}()`)
    expect(outcomes(await apply(work, { extent: { phase: 'one', step: null } }))).toEqual(['a failed'])
    await sql('DROP TRIGGER once ON public.thing')
    await sql(`UPDATE public.thing SET value = '1' WHERE key = $1`, [`${slug}a`])
    expect(outcomes(await apply(work, { extent: { phase: 'one', step: null } }))).toEqual(['a unchanged'])
    expect((await status(work)).phases[0]?.steps[0]?.state).toBe('done')
    expect(outcomes(await apply(work, { extent: { phase: 'two', step: null } }))).toEqual(['b changed'])
    const { entries } = await status(work)
    await apply(work)
    expect((await status(work)).entries).toBe(entries)
    await work.close()
  })
})

describe('a step applied twice', () => {
  it('and its secret issued anew afterwards is undone entry by entry', async () => {
    const label = defineAction({
      title: 'Keeps a label and a secret.', example: { label: 'a' },
      input: { type: 'object', required: ['label'], properties: { label: { type: 'string' } } }, output: { type: 'object', properties: {} },
      where: 'database', issues: ['word'],
      check: async (read) => (await read.one<{ value: string }>('SELECT value FROM public.thing WHERE key = $1', [read.key]))?.value ?? null,
      plan: (input, seen) => seen === input.label ? null : { target: 'label', before: seen === null ? null : { label: seen }, after: { label: input.label } },
      apply: async (write, change) => {
        await write.run('INSERT INTO public.thing VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [write.key, change.after?.['label']])
      },
      outputs: () => ({}),
      undo: async (write, change) => {
        if (change.before === null) await write.run('DELETE FROM public.thing WHERE key = $1', [write.key])
        else await write.run('UPDATE public.thing SET value = $2 WHERE key = $1', [write.key, change.before['label']])
      },
      reissue: async (write) => { await write.run('INSERT INTO public.effect VALUES ($1)', [write.key]) },
    })
    const begun = await start(() => ({ one: [{ id: 'a', uses: 'label', with: { label: 'first' } }] }))
    await apply(withAction(begun.work, 'label', label))
    const changed = sketch({ one: [{ id: 'a', uses: 'label', with: { label: 'second' } }] })
    const second = workOn(database, begun.id, { ...begun.setting, runbook: changed }, begun.slug)
    const work = withAction(second, 'label', label)
    expect(outcomes(await apply(work))).toEqual(['a changed'])
    await reissue(work, { phase: 'one', step: 'a', instance: '' })
    expect(outcomes(await undo(work, { phase: 'one', step: null }))).toEqual(['a undone', 'a undone'])
    expect(await sql('SELECT key FROM public.thing WHERE starts_with(key, $1)', [begun.slug])).toEqual([])
    await begun.work.close()
    await second.close()
  })
})
