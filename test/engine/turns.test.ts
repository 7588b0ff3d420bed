/** Whose turn it is: apply, plan, status and sign must say the same of a step, whatever its expressions do. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { drift } from '../../src/engine/drift.ts'
import { plan } from '../../src/engine/plan.ts'
import { undo } from '../../src/engine/undo.ts'
import { OnboardError } from '../../src/errors.ts'
import { sign } from '../../src/onboarding/sign.ts'
import { status } from '../../src/onboarding/status.ts'
import { waive } from '../../src/onboarding/waive.ts'
import { testDatabase } from '../support/database.ts'
import { prepare, starter, workOn } from './world.ts'
import type { StepSketch } from './world.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
})

const start = starter(() => database, 't')

async function sql(text: string, params: readonly unknown[] = []): Promise<unknown[]> {
  const owner = await database.connect('owner')
  try {
    return (await owner.query(text, [...params])).rows.map((row: object) => Object.values(row).join('='))
  } finally {
    await owner.end()
  }
}

const outcomes = (result: { steps: readonly { key: { step: string; instance: string }; outcome: string }[] }) =>
  result.steps.map((s) => `${s.key.step}${s.key.instance && `/${s.key.instance}`} ${s.outcome}`)
const put = (id: string, key: string, value: string, more: Partial<StepSketch> = {}): StepSketch => ({ id, uses: 'put', with: { key, value }, ...more })
const lena = { signer: { name: 'Lena', email: 'lena@vendor.example' }, roles: ['engineering'], note: null, evidence: [] }
const states = async (work: Parameters<typeof status>[0]) => (await status(work)).phases.flatMap((p) => p.steps.map((s) => `${s.key.step} ${s.state}`))

describe('a step that was skipped', () => {
  it('and applies after all is waited for, and can be signed', async () => {
    const { slug, id, setting, work } = await start((p) => ({ one: [{ id: 'agreed', uses: 'word', when: 'handoff.go' }, put('a', `${p}a`, '1')] }), { handoff: { go: false } })
    expect(outcomes(await apply(work))).toEqual(['agreed skipped', 'a changed'])
    const later = workOn(database, id, { ...setting, handoff: { go: true } }, slug)
    expect(await states(later)).toEqual(['agreed waiting', 'a done'])
    expect(outcomes(await apply(later))).toEqual(['agreed waiting', 'a blocked'])
    expect((await sign(later, { ...lena, step: 'agreed' })).outcome).toBe('signed')
    expect(await states(later)).toEqual(['agreed done', 'a done'])
    expect(outcomes(await apply(later))).toEqual(['agreed unchanged', 'a unchanged'])
    await work.close()
    await later.close()
  })

  it('because of the inputs alone is skipped at once, and lets nobody past what it would have waited for', async () => {
    const { slug, id, work } = await start((p) => ({
      one: [{ id: 'agreed', uses: 'word' }, put('never', `${p}n`, '1', { when: 'handoff.go' }), put('a', `${p}a`, '1')],
      two: [put('nor', `${p}o`, '1', { when: 'handoff.go' }), put('either', `${p}e`, '1', { when: 'steps.nor.outputs != null' })],
      three: [put('b', `${p}b`, '1')],
    }), { handoff: { go: false } })
    const first = await apply(work)
    expect(outcomes(first)).toEqual(['agreed waiting', 'never skipped', 'a blocked', 'nor skipped', 'either skipped', 'b blocked'])
    const reasons = new Map(first.steps.map(({ key, reason }) => [key.step, reason]))
    expect([reasons.get('a'), reasons.get('b')]).toEqual(['needs one.agreed', 'needs one.agreed, one.a'])
    const { phases } = await status(work)
    expect(phases.map(({ id, done, total, state }) => [id, done, total, state])).toEqual([['one', 0, 2, 'current'], ['two', 0, 0, 'done'], ['three', 0, 1, 'pending']])
    const journaled = () => sql(`SELECT step FROM onboard.journal WHERE chain = $1 AND kind = 'skipped' ORDER BY seq`, [id])
    expect(await journaled()).toEqual([])
    expect((await sign(work, { ...lena, step: 'agreed' })).outcome).toBe('signed')
    expect(outcomes(await apply(work))).toEqual(['agreed unchanged', 'never skipped', 'a changed', 'nor skipped', 'either skipped', 'b changed'])
    expect(await sql('SELECT key FROM public.effect WHERE key LIKE $1 ORDER BY 1', [`${slug}%`])).toHaveLength(2)
    expect(await journaled()).toEqual(['never', 'nor', 'either'])
    await work.close()
  })

  it('stays done behind what is open again, but not behind what was undone', async () => {
    const { slug, work } = await start((p) => ({
      one: [{ id: 'agreed', uses: 'word', waivable_by: ['engineering'] }, put('a', `${p}a`, '1'), { id: 'seen', uses: 'look', with: { key: `${p}a`, value: '1' } }],
      two: [{ id: 'well', uses: 'word' }],
    }))
    await apply(work)
    await sign(work, { ...lena, step: 'agreed' })
    await apply(work)
    await sign(work, { ...lena, step: 'well' })
    expect(await states(work)).toEqual(['agreed done', 'a done', 'seen done', 'well done'])
    await undo(work, { phase: 'one', step: 'a' })
    expect(await states(work)).toEqual(['agreed done', 'a undone', 'seen blocked', 'well blocked'])
    expect(await sql('SELECT key FROM public.thing WHERE key = $1', [`${slug}a`])).toEqual([])
    await work.close()
  })

  it('for what another step brought about, is not skipped any more once that is otherwise', async () => {
    const { slug, work } = await start((p) => ({ one: [
      { id: 'see', uses: 'look', with: { key: `${p}x`, value: '1' }, waivable_by: ['engineering'] },
      { id: 'agreed', uses: 'word', when: 'steps.see.outputs == null' },
    ] }))
    await sql('INSERT INTO public.thing VALUES ($1, $2)', [`${slug}x`, '1'])
    expect(outcomes(await apply(work))).toEqual(['see changed', 'agreed skipped'])
    await waive(work, { step: 'see', by: lena.signer, roles: ['engineering'], reason: 'gone', until: '2999-01-01', today: '2026-01-01' })
    expect(await states(work)).toEqual(['see waived', 'agreed waiting'])
    expect((await sign(work, { ...lena, step: 'agreed' })).outcome).toBe('signed')
    expect(await states(work)).toEqual(['see waived', 'agreed done'])
    await work.close()
  })
})

describe('an expression that fails', () => {
  it('blocks its step for status and for a word on another, and ends neither', async () => {
    const { work } = await start((p) => ({ one: [
      { id: 'broken', uses: 'word', binds: [], with: { evidence: '${{ handoff.list[3] }}' } },
      { id: 'see', uses: 'look', needs: [], with: { key: '${{ handoff.list[3] }}', value: '1' } },
      { id: 'other', uses: 'word', needs: [] },
      put('a', `${p}a`, '1', { needs: ['other'] }),
    ] }), { handoff: { list: [] } })
    expect(await states(work)).toEqual(['broken blocked', 'see ready', 'other waiting', 'a blocked'])
    expect((await sign(work, { ...lena, step: 'other' })).outcome).toBe('signed')
    await apply(work)
    expect(await states(work)).toEqual(['broken failed', 'see failed', 'other done', 'a done'])
    await work.close()
  })

  it('that failed for a question, and does not any more, leaves the step waiting', async () => {
    const { slug, id, setting, work } = await start(() => ({ one: [{ id: 'agreed', uses: 'word', with: { evidence: '${{ handoff.list[0] }}' } }] }), { handoff: { list: [] } })
    expect(outcomes(await apply(work))).toEqual(['agreed failed'])
    const later = workOn(database, id, { ...setting, handoff: { list: ['none'] } }, slug)
    expect(outcomes(await apply(later))).toEqual(['agreed waiting'])
    expect(await states(later)).toEqual(['agreed waiting'])
    await sign(later, { ...lena, step: 'agreed' })
    const again = workOn(database, id, { ...setting, handoff: { list: ['none'], name: 'changed' } }, slug)
    expect(await states(again)).toEqual(['agreed done'])
    await Promise.all([work, later, again].map((one) => one.close()))
  })

  it('in for_each blocks the step and what needs it, and nothing else', async () => {
    const { work } = await start((p) => ({ one: [put('each', `${p}\${{ each }}`, '1', { for_each: 'handoff.list[3]' }), put('b', `${p}b`, '1'), put('c', `${p}c`, '1', { needs: [] })] }), { handoff: { list: [] } })
    expect((await plan(work)).steps.map((s) => s.action)).toEqual(['blocked', 'blocked', 'create'])
    expect(outcomes(await apply(work))).toEqual(['each blocked', 'b blocked', 'c changed'])
    expect(await states(work)).toEqual(['each blocked', 'b blocked', 'c done'])
    await work.close()
  })
})

describe('what is known after apply', () => {
  it('may be what a step repeats over: planned as later, done for each instance', async () => {
    const { slug, work } = await start((p) => ({ one: [
      put('a', `${p}a`, 'x'),
      put('each', `${p}-\${{ each }}`, '1', { for_each: '[steps.a.outputs.value, "y"]' }),
      put('end', `${p}end`, '1'),
    ] }))
    const planned = await plan(work)
    expect(planned.steps.map((s) => [s.key.step, s.action])).toEqual([['a', 'create'], ['each', 'later'], ['end', 'create']])
    expect(outcomes(await apply(work, { plan: planned }))).toEqual(['a changed', 'each/x changed', 'each/y changed', 'end changed'])
    expect(await sql('SELECT key FROM public.thing WHERE starts_with(key, $1) ORDER BY key', [`${slug}-`])).toEqual([`${slug}-x`, `${slug}-y`])
    await work.close()
  })

  it('may be whether a step applies: planned as later, and so is not what needs it blocked', async () => {
    const { work } = await start((p) => ({ one: [put('a', `${p}a`, 'x'), put('b', `${p}b`, '1', { when: 'steps.a.outputs.value == "x"' }), put('c', `${p}c`, '1')] }))
    expect((await plan(work)).steps.map((s) => s.action)).toEqual(['create', 'later', 'create'])
    expect(outcomes(await apply(work))).toEqual(['a changed', 'b changed', 'c changed'])
    await work.close()
  })

  it('is no drift: only what was seen to differ is', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, 'x'), put('b', `${p}b`, '${{ steps.a.outputs.value }}')] }))
    await apply(work)
    await sql('UPDATE public.thing SET value = $2 WHERE key = $1', [`${slug}a`, 'moved'])
    expect((await drift(work)).drifted.map((d) => d.key.step)).toEqual(['a'])
    await work.close()
  })
})

describe('a plan of one phase', () => {
  it('marks what apply will not do, because a step of another phase comes first', async () => {
    const { work } = await start((p) => ({ one: [put('a', `${p}a`, '1')], two: [put('b', `${p}b`, '1')], free: [put('c', `${p}c`, '1')] }))
    const extent = { phase: 'two', step: null }
    expect((await plan(work, extent)).steps.map((s) => [s.action, s.reason])).toEqual([['create', 'after one.a']])
    expect(outcomes(await apply(work, { extent }))).toEqual(['b blocked'])
    await apply(work, { extent: { phase: 'one', step: null } })
    expect((await plan(work, extent)).steps.map((s) => [s.action, s.reason])).toEqual([['create', null]])
    await work.close()
  })

  it('says “after” only of what needs the person', async () => {
    const { work } = await start((p) => ({ one: [{ id: 'agreed', uses: 'word' }, put('a', `${p}a`, '1'), put('b', `${p}b`, '1', { needs: [] }), put('c', `${p}c`, '1', { needs: ['a'] })] }))
    expect((await plan(work)).steps.map((s) => [s.key.step, s.reason])).toEqual([['agreed', 'waits for engineering'], ['a', 'after one.agreed'], ['b', null], ['c', 'after one.agreed']])
    await work.close()
  })
})

describe('a secret with no place to go', () => {
  const nowhere = { ready: () => Promise.reject(refusal()), deliver: () => Promise.reject(refusal()) }
  function refusal(): OnboardError {
    return new OnboardError('usage', 'no-place-for-secrets', 'nowhere')
  }
  const mint = (id: string, key: string, more: Partial<StepSketch> = {}): StepSketch => ({ id, uses: 'mint', with: { key }, ...more })

  it('is refused before any effect, though an unrelated step waits for a person', async () => {
    const { slug, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), { id: 'agreed', uses: 'word', needs: [] }, mint('key', `${p}key`, { needs: ['a'] })] }), { secrets: nowhere })
    await expect(apply(work)).rejects.toMatchObject({ code: 'no-place-for-secrets' })
    expect(await sql('SELECT key FROM public.thing WHERE starts_with(key, $1)', [slug])).toEqual([])
    await work.close()
  })

  it('is not asked for where the run cannot reach its step', async () => {
    const { work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), { id: 'agreed', uses: 'word' }, mint('key', `${p}key`)] }), { secrets: nowhere })
    expect(outcomes(await apply(work))).toEqual(['a changed', 'agreed waiting', 'key blocked'])
    await work.close()
  })

  it('is refused before any effect where what was issued is gone, or another instance is new', async () => {
    const { slug, id, setting, work } = await start((p) => ({ one: [put('a', `${p}a`, '1'), mint('key', `${p}key-\${{ each }}`, { for_each: 'handoff.list' })] }), { handoff: { list: ['x'] } })
    expect(outcomes(await apply(work))).toEqual(['a changed', 'key/x changed'])
    const unplaced = workOn(database, id, { ...setting, secrets: nowhere }, slug)
    expect(outcomes(await apply(unplaced))).toEqual(['a unchanged', 'key/x unchanged'])
    await sql('DELETE FROM public.thing WHERE starts_with(key, $1)', [slug])
    await expect(apply(unplaced)).rejects.toMatchObject({ code: 'no-place-for-secrets' })
    expect(await sql('SELECT key FROM public.thing WHERE starts_with(key, $1)', [slug])).toEqual([])
    await apply(work)
    const more = workOn(database, id, { ...setting, handoff: { list: ['x', 'y'] }, secrets: nowhere }, slug)
    await sql('UPDATE public.thing SET value = $2 WHERE key = $1', [`${slug}a`, 'moved'])
    await expect(apply(more)).rejects.toMatchObject({ code: 'no-place-for-secrets' })
    expect(await sql('SELECT value FROM public.thing WHERE key = $1', [`${slug}a`])).toEqual(['moved'])
    await Promise.all([work, unplaced, more].map((one) => one.close()))
  })
})
