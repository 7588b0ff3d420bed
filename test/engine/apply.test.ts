import { hostname } from 'node:os'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { drift } from '../../src/engine/drift.ts'
import { plan } from '../../src/engine/plan.ts'
import { reissue } from '../../src/engine/reissue.ts'
import { planUndo, undo } from '../../src/engine/undo.ts'
import { OnboardError } from '../../src/errors.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { assign } from '../../src/onboarding/assign.ts'
import { sign } from '../../src/onboarding/sign.ts'
import { status } from '../../src/onboarding/status.ts'
import { waive } from '../../src/onboarding/waive.ts'
import { testDatabase } from '../support/database.ts'
import { prepare, sketch, starter, workOn } from './world.ts'
import type { StepSketch } from './world.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
})

const start = starter(() => database, 'c')

async function rows(sql: string): Promise<unknown[]> {
  const app = await database.connect('app')
  return (await app.query(sql)).rows.map((r: Record<string, unknown>) => Object.values(r).join('=')).toSorted().concat(await app.end().then(() => []))
}

const outcomes = (result: { steps: readonly { key: { step: string }; outcome: string }[] }) => result.steps.map((s) => `${s.key.step} ${s.outcome}`)
const put = (id: string, key: string, value: string, more: Partial<StepSketch> = {}): StepSketch => ({ id, uses: 'put', with: { key, value }, ...more })

describe('apply', () => {
  it('does each step once, and nothing on a second run', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), put('b', `${p}b`, '${{ steps.a.outputs.value }}2')] }))
    expect(outcomes(await apply(work))).toEqual(['a changed', 'b changed'])
    expect(await rows(`SELECT key, value FROM public.thing WHERE key LIKE '${slug}%'`)).toEqual([`${slug}a=1`, `${slug}b=12`])
    const before = (await status(work)).entries
    const again = await apply(work)
    expect(outcomes(again)).toEqual(['a unchanged', 'b unchanged'])
    expect(again.exit).toBe(0)
    expect((await status(work)).entries).toBe(before)
    expect(await rows(`SELECT key, count(*) FROM public.effect WHERE key LIKE '${slug}%' GROUP BY 1`)).toEqual([`${slug}a=1`, `${slug}b=1`])
    await work.close()
  })

  it('stops at a person, says the command, goes on after the word, and voids it when what was signed changes', async () => {
    const { slug, id, setting, work } = await start((p) => ({
      contract: [{ id: 'signed', uses: 'word', binds: ['handoff.name'] }],
      provision: [put('a', `${p}a`, '1')],
    }), { handoff: { name: 'Acme' } })
    const first = await apply(work)
    expect(outcomes(first)).toEqual(['signed waiting', 'a blocked'])
    expect(first.exit).toBe(5)
    expect(first.steps[0]?.next).toBe(`onboard sign ${slug} contract.signed`)
    const request = { step: 'signed', signer: { name: 'Lena', email: 'lena@vendor.example' }, roles: ['engineering'], note: null, evidence: [] }
    await expect(sign(work, { ...request, roles: ['legal'] })).rejects.toMatchObject({ kind: 'forbidden' })
    expect((await sign(work, request)).outcome).toBe('signed')
    expect((await sign(work, request)).outcome).toBe('unchanged')
    expect(outcomes(await apply(work))).toEqual(['signed unchanged', 'a changed'])
    const revised = workOn(database, id, { ...setting, handoff: { name: 'Other' } }, slug)
    expect(outcomes(await apply(revised))).toEqual(['signed waiting', 'a blocked'])
    expect((await status(revised)).phases[0]?.steps[0]).toMatchObject({ state: 'waiting', reason: expect.stringContaining('void') })
    await work.close()
    await revised.close()
  })

  it('refuses to sign what is not its turn, and what no person signs', async () => {
    const { work } = await start((p) => ({ one: [{ id: 'first', uses: 'word' }, { id: 'second', uses: 'word' }, put('a', `${p}a`, '1')] }))
    const request = { signer: { name: 'Lena', email: 'lena@vendor.example' }, roles: ['engineering'], note: null, evidence: [] }
    await expect(sign(work, { ...request, step: 'second' })).rejects.toMatchObject({ kind: 'waiting', code: 'not-ready' })
    await expect(sign(work, { ...request, step: 'a' })).rejects.toMatchObject({ kind: 'usage' })
    await expect(sign(work, { ...request, step: 'nothing' })).rejects.toMatchObject({ kind: 'usage', code: 'unknown-step' })
    await work.close()
  })

  it('a step that repeats is named without its instance where it has one alone, and else with what it may be', async () => {
    const word = (id: string, all: string) => ({ id, uses: 'word', for_each: all })
    const { work } = await start(() => ({ one: [word('each', '["x"]'), word('both', '["x", "y"]')] }))
    const request = { signer: { name: 'Lena', email: 'lena@vendor.example' }, roles: ['engineering'], note: null, evidence: [] }
    expect(await sign(work, { ...request, step: 'each' })).toMatchObject({ outcome: 'signed', key: { step: 'each', instance: 'x' } })
    await expect(sign(work, { ...request, step: 'both' })).rejects.toMatchObject({ code: 'ambiguous-step', message: expect.stringContaining('one.both/x, one.both/y') })
    const people = { roles: { engineering: [{ name: 'Lena', email: 'lena@vendor.example' }] } } as never
    expect(await assign(work, 'each', 'lena@vendor.example', people)).toMatchObject({ outcome: 'assigned', key: { instance: 'x' } })
    expect(await sign(work, { ...request, step: 'both/y' })).toMatchObject({ outcome: 'signed' })
    await work.close()
  })

  it('skips what does not apply, with the reason, and gives null for its outputs', async () => {
    const { work } = await start((p) => ({ one: [put('a', `${p}a`, '1', { when: 'handoff.go' }), put('b', `${p}b`, '${{ steps.a.outputs == null ? "none" : "some" }}')] }), { handoff: { go: false } })
    const result = await apply(work)
    expect(outcomes(result)).toEqual(['a skipped', 'b changed'])
    expect(result.steps[0]?.reason).toBe('when: handoff.go')
    await work.close()
  })

  it('repeats a step for each instance, each with a key of its own', async () => {
    const { slug, work } = await start((p) => ({ one: [{ id: 'each', uses: 'put', for_each: '["x", "y"]', with: { key: `${p}-\${{ each }}`, value: '1' } }, put('end', `${p}end`, '1')] }))
    const result = await apply(work)
    expect(result.steps.map((s) => [s.key.instance, s.outcome])).toEqual([['x', 'changed'], ['y', 'changed'], ['', 'changed']])
    expect(await rows(`SELECT key FROM public.thing WHERE key LIKE '${slug}%'`)).toEqual([`${slug}-x`, `${slug}-y`, `${slug}end`])
    await work.close()
  })

  it('blocks a capability that is missing, lets it be waived, and opens it again when the waiver ends', async () => {
    const { work } = await start((p) => ({ one: [put('sso', `${p}a`, '1', { capability: 'sso', waivable_by: ['engineering'] }), put('b', `${p}b`, '1')] }), { config: { capabilities: { sso: false } } })
    expect((await apply(work)).steps.map((s) => [s.outcome, s.reason])).toEqual([['blocked', expect.stringContaining('unavailable')], ['blocked', 'needs one.sso']])
    const by = { step: 'sso', by: { name: 'Lena', email: 'lena@vendor.example' }, roles: ['engineering'], reason: 'later', today: '2026-01-01' }
    await expect(waive(work, { ...by, roles: ['legal'], until: '2999-01-01' })).rejects.toMatchObject({ kind: 'forbidden' })
    await waive(work, { ...by, until: '2026-01-02' })
    expect(outcomes(await apply(work))).toEqual(['sso blocked', 'b blocked'])
    await waive(work, { ...by, until: '2999-01-01' })
    expect(outcomes(await apply(work))).toEqual(['sso waived', 'b changed'])
    await work.close()
  })

  it('journals a failing probe, fails with exit 6, and looks again on the next run', async () => {
    const { slug, work } = await start((p) => ({ one: [{ id: 'see', uses: 'look', with: { key: `${p}seen`, value: '1' } }] }))
    expect(await apply(work)).toMatchObject({ exit: 6, steps: [{ outcome: 'failed', reason: `${slug}seen is absent` }] })
    const app = await database.connect('app')
    await app.query('INSERT INTO public.thing VALUES ($1, $2)', [`${slug}seen`, '1'])
    await app.end()
    expect(await apply(work)).toMatchObject({ exit: 0, steps: [{ outcome: 'changed' }] })
    expect(await apply(work)).toMatchObject({ exit: 0, steps: [{ outcome: 'unchanged' }] })
    await work.close()
  })

  it('counts the warnings of probes, on the first run and while their evidence holds', async () => {
    const { work } = await start((p) => ({ one: [{ id: 'see', uses: 'look', with: { key: `${p}absent`, value: '1', warn: true } }] }))
    expect(await apply(work)).toMatchObject({ exit: 0, warnings: 1, steps: [{ outcome: 'changed' }] })
    expect(await apply(work)).toMatchObject({ exit: 0, warnings: 1, steps: [{ outcome: 'unchanged' }] })
    await work.close()
  })

  it('keeps nothing of a step that fails, goes on where it is not needed, and finishes on the next run', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), put('bad', `${p}bad`, '1', { needs: [] }), put('c', `${p}c`, '1', { needs: ['bad'] }), put('d', `${p}d`, '1', { needs: [] })] }))
    const owner = await database.connect('owner')
    await owner.query(`CREATE FUNCTION public.refuse_${slug}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON public.thing FOR EACH ROW WHEN (NEW.key = '${slug}bad') EXECUTE FUNCTION public.refuse_${slug}()`)
    const failed = await apply(work)
    expect(outcomes(failed)).toEqual(['a changed', 'bad failed', 'c blocked', 'd changed'])
    expect(failed.exit).toBe(1)
    expect(await rows(`SELECT key FROM public.effect WHERE key = '${slug}bad'`)).toEqual([])
    expect((await status(work)).phases[0]?.steps[1]).toMatchObject({ state: 'failed', reason: expect.stringContaining('disk full') })
    await owner.query('DROP TRIGGER refuse ON public.thing')
    await owner.end()
    expect(outcomes(await apply(work))).toEqual(['a unchanged', 'bad changed', 'c changed', 'd unchanged'])
    await work.close()
  })

  it('retries a step as often as the runbook says', async () => {
    const { slug, work } = await start((p) => ({ one: [{ id: 'see', uses: 'look', with: { key: `${p}a`, value: '1' } }, put('bad', `${p}bad`, '1', { needs: [], retry: { times: 2, backoff_ms: 1 } })] }))
    const owner = await database.connect('owner')
    await owner.query(`CREATE SEQUENCE public.tries_${slug}; GRANT ALL ON SEQUENCE public.tries_${slug} TO onboard_app;
      CREATE FUNCTION public.twice_${slug}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('public.tries_${slug}') < 3 THEN RAISE EXCEPTION 'not yet'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER twice_${slug} BEFORE INSERT ON public.thing FOR EACH ROW WHEN (NEW.key = '${slug}bad') EXECUTE FUNCTION public.twice_${slug}()`)
    expect(outcomes(await apply(work))).toEqual(['see failed', 'bad changed'])
    await owner.query(`DROP TRIGGER twice_${slug} ON public.thing`)
    await owner.end()
    await work.close()
  })

  it('lets one run in at a time, names the holder, and lets people sign meanwhile', async () => {
    const { slug, id, setting } = await start((p) => ({ one: [put('a', `${p}a`, '1'), { id: 'agreed', uses: 'word', needs: [] }] }))
    const holder = workOn(database, id, setting, slug)
    const session = await holder.session('11111111-1111-4111-8111-111111111111')
    const second = workOn(database, id, setting, slug)
    await expect(apply(second)).rejects.toMatchObject({ kind: 'conflict', code: 'locked', message: expect.stringContaining(`onboard ada on ${hostname().slice(0, 17)} 11111111`) })
    await sign(second, { step: 'agreed', signer: { name: 'L', email: 'l@vendor.example' }, roles: ['engineering'], note: null, evidence: [] })
    await session.close()
    expect(outcomes(await apply(second))).toEqual(['a changed', 'agreed unchanged'])
    await holder.close()
    await second.close()
  })

  it('two at once: every effect happens once', async () => {
    const { slug, id, setting } = await start((p) => ({ one: [put('a', `${p}a`, '1'), put('b', `${p}b`, '1'), put('c', `${p}c`, '1')] }))
    const works = [workOn(database, id, setting, slug), workOn(database, id, setting, slug), workOn(database, id, setting, slug)]
    const results = await Promise.allSettled(works.map((work) => apply(work)))
    expect(results.filter((r) => r.status === 'fulfilled').length).toBeGreaterThan(0)
    for (const r of results) if (r.status === 'rejected') expect(r.reason).toMatchObject({ code: 'locked' })
    expect(await rows(`SELECT key, count(*) FROM public.effect WHERE key LIKE '${slug}%' GROUP BY 1`)).toEqual(['a', 'b', 'c'].map((k) => `${slug}${k}=1`))
    await Promise.all(works.map((work) => work.close()))
  })
})

describe('secrets', () => {
  it('are refused before any effect where they could go nowhere', async () => {
    const refused = Object.assign(new Error('no place'), { kind: 'usage' })
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), { id: 'key', uses: 'mint', with: { key: `${p}key` } }] }), {
      secrets: { ready: () => Promise.reject(refused), deliver: () => Promise.reject(refused) },
    })
    await expect(apply(work)).rejects.toBe(refused)
    expect(await rows(`SELECT key FROM public.effect WHERE key LIKE '${slug}%'`)).toEqual([])
    await work.close()
  })

  it('that cannot be handed over fail their step, which keeps nothing; what came before it is told', async () => {
    const full = new OnboardError('usage', 'secrets-file-unusable', 's.jsonl cannot be created: the disk is full')
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), { id: 'key', uses: 'mint', with: { key: `${p}key` } }, put('b', `${p}b`, '1')] }), {
      secrets: { ready: async () => undefined, deliver: () => Promise.reject(full) },
    })
    const result = await apply(work)
    expect(outcomes(result)).toEqual(['a changed', 'key failed', 'b blocked'])
    expect(result).toMatchObject({ exit: 1, steps: [{}, { reason: 'what it issued could not be handed over, and nothing of this step was kept: s.jsonl cannot be created: the disk is full' }, {}] })
    expect(result.steps[1]?.next).toBe(`onboard apply ${work.onboarding.key} --secrets-out FILE`)
    expect(await rows(`SELECT value FROM public.thing WHERE key = '${slug}key'`)).toEqual([])
    await work.close()
  })

  it('are delivered before the commit, never journaled, and replaced by reissue; undo then still knows its own', async () => {
    const delivered: string[] = []
    const { slug, work } = await start((p) => ({ one: [{ id: 'key', uses: 'mint', with: { key: `${p}key` } }] }), {
      secrets: { ready: async () => undefined, deliver: async (secrets) => { delivered.push(...secrets.map((s) => s.value.reveal())) } },
    })
    expect(await apply(work)).toMatchObject({ steps: [{ outcome: 'changed', secrets: ['word'] }] })
    expect(await rows(`SELECT value FROM public.thing WHERE key = '${slug}key'`)).toEqual([delivered[0]])
    await reissue(work, { phase: 'one', step: 'key', instance: '' })
    expect(await rows(`SELECT value FROM public.thing WHERE key = '${slug}key'`)).toEqual([delivered[1]])
    const everything = (await rows('SELECT body FROM onboard.journal')).concat(await rows('SELECT value FROM onboard.journal_detail')).join()
    for (const secret of delivered) expect(everything).not.toContain(secret)
    expect(outcomes(await undo(work, { phase: 'one', step: null }))).toEqual(['key undone'])
    expect(await rows(`SELECT value FROM public.thing WHERE key = '${slug}key'`)).toEqual([])
    await work.close()
  })
})

describe('plan', () => {
  it('shows before and after, what is known after apply, and goes past a person', async () => {
    const { work } = await start((p) => ({ one: [{ id: 'agreed', uses: 'word' }], two: [put('a', `${p}a`, '1'), put('b', `${p}b`, '${{ steps.a.outputs.value }}'), put('c', `${p}a/c`, '2')] }))
    const { steps, pending } = await plan(work)
    expect(steps.map((s) => [s.key.step, s.action, s.again, s.reason])).toEqual([
      ['agreed', 'ask', false, 'waits for engineering'],
      ['a', 'create', false, 'after one.agreed'],
      ['b', 'later', false, 'after one.agreed'],
      ['c', 'create', true, 'after one.agreed'],
    ])
    expect(steps[2]?.changes.find((c) => c.field === 'value')).toEqual({ field: 'value', before: null, after: null, unknown: true })
    expect(pending).toBe(3)
    await work.close()
  })

  it('saved, is applied as it was, and refused when the world moved', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1')] }))
    const saved = await plan(work)
    expect((await plan(work)).fingerprint).toBe(saved.fingerprint)
    const app = await database.connect('app')
    await app.query('INSERT INTO public.thing VALUES ($1, $2)', [`${slug}a`, '0'])
    await expect(apply(work, { plan: saved })).rejects.toMatchObject({ kind: 'conflict', code: 'stale-plan' })
    await app.query('DELETE FROM public.thing WHERE key = $1', [`${slug}a`])
    await app.end()
    expect(outcomes(await apply(work, { plan: saved }))).toEqual(['a changed'])
    await work.close()
  })

  it('exits as what could not be planned asks for, and shows the rest', async () => {
    const { work } = await start((p) => ({ one: [{ id: 'bad', uses: 'put', with: { key: '${{ handoff.list[5] }}', value: '1' } }, put('b', `${p}b`, '1', { needs: [] })] }), { handoff: { list: [] } })
    expect(await plan(work)).toMatchObject({ exit: 3, pending: 1, steps: [{ action: 'blocked' }, { action: 'create' }] })
    await work.close()
  })

  it('drift shows what moved since, and only that', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), put('b', `${p}b`, '1')], two: [{ id: 'agreed', uses: 'word' }, put('c', `${p}c`, '1')] }))
    await apply(work)
    expect(await drift(work)).toMatchObject({ checked: 2, drifted: [] })
    const app = await database.connect('app')
    await app.query(`UPDATE public.thing SET value = '9' WHERE key = $1`, [`${slug}b`])
    await app.end()
    expect(await drift(work)).toMatchObject({ drifted: [{ key: { step: 'b' }, changes: [{ field: 'value', before: '9', after: '1' }] }] })
    await work.close()
  })
})

describe('undo', () => {
  it('walks entries newest first; a step applied twice is undone twice, back to what was there', async () => {
    const { slug, id, setting, work } = await start((p) => ({ one: [put('a', `${p}a`, '1')], two: [put('b', `${p}b`, '1')] }))
    const app = await database.connect('app')
    await app.query('INSERT INTO public.thing VALUES ($1, $2)', [`${slug}b`, 'original'])
    await apply(work)
    const changed = sketch({ one: [put('a', `${slug}a`, '1')], two: [put('b', `${slug}b`, '2')] })
    const later = workOn(database, id, { ...setting, runbook: changed }, slug)
    expect(outcomes(await apply(later))).toEqual(['a unchanged', 'b changed'])
    expect((await planUndo(later, { phase: 'two', step: null })).steps.map((s) => s.changes)).toEqual([
      [{ field: 'value', before: '2', after: '1', unknown: false }],
      [{ field: 'value', before: '1', after: 'original', unknown: false }],
    ])
    expect(outcomes(await undo(later, { phase: 'two', step: null }))).toEqual(['b undone', 'b undone'])
    expect(await rows(`SELECT key, value FROM public.thing WHERE key LIKE '${slug}%'`)).toEqual([`${slug}a=1`, `${slug}b=original`])
    expect(outcomes(await undo(later, { phase: 'two', step: null }))).toEqual([])
    expect((await status(later)).phases[1]?.steps[0]?.state).toBe('undone')
    expect(outcomes(await apply(later))).toEqual(['a unchanged', 'b changed'])
    await app.end()
    await work.close()
    await later.close()
  })

  it('stops at what drifted since, and keeps what was undone before it', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), put('b', `${p}b`, '1')] }))
    await apply(work)
    const app = await database.connect('app')
    await app.query(`UPDATE public.thing SET value = '9' WHERE key = $1`, [`${slug}a`])
    await app.end()
    const result = await undo(work, { phase: 'one', step: null })
    expect(outcomes(result)).toEqual(['b undone', 'a failed'])
    expect(result).toMatchObject({ exit: 7, steps: [{}, { reason: expect.stringContaining('value was changed by somebody else') }] })
    expect(await rows(`SELECT key, value FROM public.thing WHERE key LIKE '${slug}%'`)).toEqual([`${slug}a=9`])
    await work.close()
  })

  it('is not stopped by drift that an apply has set right, and does not bring it back', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), put('b', `${p}b`, '1')] }))
    await apply(work)
    const app = await database.connect('app')
    await app.query(`UPDATE public.thing SET value = '9' WHERE key = $1`, [`${slug}a`])
    await app.end()
    expect(outcomes(await undo(work, { phase: 'one', step: null }))).toEqual(['b undone', 'a failed'])
    expect(outcomes(await apply(work))).toEqual(['a changed', 'b changed'])
    expect((await planUndo(work, { phase: 'one', step: null })).steps.map((s) => s.changes.length)).toEqual([1, 0, 1])
    const result = await undo(work, { phase: 'one', step: null })
    expect(outcomes(result)).toEqual(['b undone', 'a undone', 'a undone'])
    expect(result.steps[1]).toMatchObject({ changes: [], reason: expect.stringContaining('not brought back') })
    expect(await rows(`SELECT key, value FROM public.thing WHERE key LIKE '${slug}%'`)).toEqual([])
    await work.close()
  })

  it('says what cannot be undone', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'onboard-')), 'out')
    const { work } = await start(() => ({ one: [{ id: 'mail', uses: 'line', with: { file, line: 'hello' } }] }))
    expect(outcomes(await apply(work))).toEqual(['mail changed'])
    expect(outcomes(await apply(work))).toEqual(['mail unchanged'])
    expect(readFileSync(file, 'utf8')).toBe('hello\n')
    const result = await undo(work, { phase: 'one', step: null })
    expect(result).toMatchObject({ exit: 7, steps: [{ outcome: 'failed', reason: expect.stringContaining('cannot be undone') }] })
    await work.close()
  })

  it('says what it could only take back in part', async () => {
    const { slug, work } = await start((p) => ({ one: [{ id: 'keep', uses: 'keep', with: { key: `${p}k` } }] }))
    await apply(work)
    const result = await undo(work, { phase: 'one', step: null })
    expect(result).toMatchObject({ exit: 0, steps: [{ outcome: 'undone', changes: [], reason: expect.stringMatching(/undid entry 1: it stays/) }] })
    expect(await rows(`SELECT value FROM public.thing WHERE key = '${slug}k'`)).toEqual(['retired'])
    expect(outcomes(await undo(work, { phase: 'one', step: null }))).toEqual([])
    await work.close()
  })

  it('a change that its action calls irreversible is planned as such, and stops undo', async () => {
    const { work } = await start((p) => ({ one: [{ id: 'keep', uses: 'keep', with: { key: `${p}k`, forever: 'yes' } }] }))
    expect((await plan(work)).steps).toMatchObject([{ action: 'create', reversible: false }])
    await apply(work)
    expect(await undo(work, { phase: 'one', step: null })).toMatchObject({ exit: 7, steps: [{ outcome: 'failed' }] })
    await work.close()
  })

  it('leaves a chain that verifies', async () => {
    const { id, work } = await start((p) => ({ one: [put('a', `${p}a`, '1')] }))
    await apply(work)
    await undo(work, { phase: 'one', step: null })
    const app = await database.connect('app')
    expect(await verifyChain(app, id)).toMatchObject({ entries: 2, faults: [] })
    await app.end()
    await work.close()
  })
})
