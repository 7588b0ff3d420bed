/** A procedure on a real database: begun for a reason, walked as any phase, closed, begun a second time. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { drift } from '../../src/engine/drift.ts'
import { plan } from '../../src/engine/plan.ts'
import type { RunResult, Work } from '../../src/engine/ports.ts'
import { type Beginning, supposing } from '../../src/engine/procedure.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import type { Runbook } from '../../src/model.ts'
import { sign } from '../../src/onboarding/sign.ts'
import { status } from '../../src/onboarding/status.ts'
import { signOffsUnder } from '../../src/onboarding/upgrade.ts'
import { waive } from '../../src/onboarding/waive.ts'
import { sqlAsOwner, testDatabase } from '../support/database.ts'
import { open, prepare, sketch, workOn } from './world.ts'

let database: Database
let folder: string
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
  folder = mkdtempSync(join(tmpdir(), 'onboard-procedure-'))
})

/** Two phases, of which the second is rolled back: an effect, a word, a look, a line outside that nothing undoes. */
function runbook(slug: string): Runbook {
  return sketch({
    setup: [{ id: 'base', uses: 'put', with: { key: `${slug}-base`, value: '1' } }],
    live: [
      { id: 'gate', uses: 'word' },
      { id: 'access', uses: 'put', with: { key: `${slug}-access`, value: 'on' } },
      { id: 'seen', uses: 'look', with: { key: `${slug}-access`, value: 'on' } },
      { id: 'mail', uses: 'line', with: { file: join(folder, slug), line: 'live' } },
    ],
    later: [{ id: 'care', uses: 'word' }],
  }, {
    rollback: [
      { id: 'approval', uses: 'word', when: 'procedure.condition == "request"', waivable_by: ['legal'] },
      { id: 'note', uses: 'put', with: { key: `${slug}-note-\${{ string(procedure.occurrence) }}`, value: '${{ procedure.reason }}' } },
      { id: 'each', uses: 'put', for_each: '["x", "y"]', with: { key: `${slug}-\${{ string(procedure.occurrence) }}-\${{ each }}`, value: '${{ steps.note.outputs.value }}' } },
      { id: 'back', uses: 'onboarding.undo', with: { to: 'live' } },
      { id: 'learnt', uses: 'word' },
    ],
  })
}

const ADA = { name: 'Ada', email: 'ada@vendor.example' }
const said = (step: string) => ({ step, signer: ADA, roles: ['engineering', 'legal'], note: null, evidence: [] })
const CRITICAL: Beginning = { procedure: 'rollback', condition: 'critical', issue: null, reason: 'logins fail' }
const ROLLBACK = { phase: 'rollback', step: null }
const outcomes = (result: RunResult) => result.steps.map(({ key, outcome }) => `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`} ${outcome}`)

const sql = <R extends object = Record<string, string>>(text: string, params: readonly unknown[] = []) => (
  sqlAsOwner<R>(database, text, params)
)

const things = async (slug: string) => (await sql('SELECT key, value FROM public.thing WHERE starts_with(key, $1) ORDER BY key', [`${slug}-`])).map((r) => `${r['key']}=${r['value']}`)

let count = 0
async function live(change: (book: Runbook) => Runbook = (book) => book): Promise<{ slug: string; id: string; work: Work & { close(): Promise<void> }; other: (reached?: (point: string) => void) => Work & { close(): Promise<void> } }> {
  const slug = `p${++count}`
  const setting = { runbook: change(runbook(slug)) }
  const id = await open(database, setting, slug)
  const other = (reached?: (point: string) => void) => workOn(database, id, { ...setting, ...(reached ? { reached } : {}) }, slug)
  const work = other()
  await apply(work)
  await sign(work, said('live.gate'))
  await apply(work)
  return { slug, id, work, other }
}

describe('a procedure', () => {
  it('takes back what was applied since, says what stays, and voids what was signed and seen of it', async () => {
    const { slug, id, work } = await live()
    const run = await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    expect(outcomes(run)).toEqual([
      'rollback.approval/1 skipped', 'rollback.note/1 changed', 'rollback.each/1.x changed', 'rollback.each/1.y changed',
      'rollback.back/1 changed', 'rollback.learnt/1 waiting',
    ])
    expect(run.exit).toBe(5)
    expect(run.steps[4]?.changes.map(({ field, after }) => `${field}: ${String(after)}`)).toEqual([
      'live.mail: stays: it cannot be taken back', 'live.seen: to be seen again', 'live.access: no longer', 'live.gate: to be signed again',
    ])
    expect(await things(slug)).toEqual([`${slug}-1-x=logins fail`, `${slug}-1-y=logins fail`, `${slug}-base=1`, `${slug}-note-1=logins fail`])
    expect(readFileSync(join(folder, slug), 'utf8')).toBe('live\n')
    const [done] = await sql<{ value: string }>(`SELECT d.value FROM onboard.journal j JOIN onboard.journal_detail d USING (chain, seq)
      WHERE j.chain = $1 AND j.step = 'back' AND j.kind = 'done' AND d.name = 'outputs'`, [id])
    expect(JSON.parse(done?.value ?? '{}')).toEqual({ undone: ['live.access'], stays: ['live.mail stays: line cannot be taken back'] })
    expect((await verifyChain(await database.connect('reader'), id)).faults).toEqual([])
    await work.close()
  })

  it('does not make open what no run has come to because it is skipped', async () => {
    const slug = 'unvisited'
    const book = sketch({
      setup: [{ id: 'base', uses: 'put', with: { key: `${slug}-base`, value: '1' } }],
      extra: [{ id: 'other', uses: 'word', when: 'phases.setup.steps.base.outputs == null' }, { id: 'more', uses: 'word', when: 'steps.other.outputs != null' }],
      live: [{ id: 'access', uses: 'put', with: { key: `${slug}-access`, value: 'on' } }],
    }, { rollback: [{ id: 'back', uses: 'onboarding.undo', with: { to: 'live' } }, { id: 'learnt', uses: 'word' }] })
    const work = workOn(database, await open(database, { runbook: book }, slug), { runbook: book }, slug)
    for (const phase of ['setup', 'live']) expect((await apply(work, { extent: { phase, step: null } })).exit).toBe(0)
    const counts = async () => (await status(work)).phases.map(({ id, done, total }) => `${id} ${done}/${total}`)
    expect(await counts()).toEqual(['setup 1/1', 'extra 0/0', 'live 1/1'])
    await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    expect(await counts()).toEqual(['setup 1/1', 'extra 0/0', 'live 0/1'])
    await work.close()
  })

  it('holds the phases until it is closed; then they begin anew, and it can be begun a second time', async () => {
    const { id, slug, work } = await live()
    await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    const held = await apply(work, { extent: { phase: 'live', step: null } })
    expect(held.steps.map(({ key, outcome, reason }) => `${key.step} ${outcome}: ${reason}`)).toEqual([
      'gate blocked: needs rollback/1', 'access blocked: needs live.gate, rollback/1', 'seen blocked: needs live.access, rollback/1', 'mail blocked: needs live.seen, rollback/1',
    ])
    await expect(sign(work, said('live.gate'))).rejects.toMatchObject({ kind: 'waiting', message: expect.stringContaining('needs rollback/1') })
    expect(outcomes(await apply(work)).every((one) => one.startsWith('rollback.'))).toBe(true)
    await sign(work, said('rollback.learnt'))
    expect(outcomes(await apply(work)).at(-1)).toBe('rollback.learnt/1 unchanged')
    const after = await apply(work)
    expect(outcomes(after)).toEqual([
      'setup.base unchanged', 'live.gate waiting', 'live.access blocked', 'live.seen blocked', 'live.mail blocked', 'later.care blocked',
    ])
    // What was said in the procedure is history, under whatever version of the runbook.
    const without = workOn(database, id, { runbook: { ...runbook(slug), procedures: [] } }, slug)
    expect(await signOffsUnder(without)).toEqual([])
    await without.close()
    await sign(work, said('live.gate'))
    expect(outcomes(await apply(work)).slice(2)).toEqual(['live.access changed', 'live.seen changed', 'live.mail unchanged', 'later.care waiting'])
    const second = await apply(work, { begin: { ...CRITICAL, reason: 'again' }, extent: ROLLBACK })
    expect(outcomes(second)).toContain('rollback.back/2 changed')
    expect(await things(slug)).toEqual(expect.arrayContaining([`${slug}-note-1=logins fail`, `${slug}-note-2=again`, `${slug}-2-x=again`]))
    expect(await things(slug)).not.toContain(`${slug}-access=on`)
    await work.close()
  })

  it('is begun once, however often it is asked for; another one waits for its end', async () => {
    const { id, work } = await live()
    const first = await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    const again = await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    expect(again.head).toEqual(first.head)
    await expect(apply(work, { begin: { ...CRITICAL, condition: 'request' }, extent: ROLLBACK })).rejects.toMatchObject({ kind: 'conflict', code: 'under-way' })
    expect(await sql(`SELECT count(*) AS n FROM onboard.journal WHERE chain = $1 AND kind = 'began'`, [id])).toEqual([{ n: '1' }])
    await work.close()
  })

  it('waits for the words it asks for, by the name of its step; a waiver passes over one', async () => {
    const { work, other } = await live()
    const request: Beginning = { ...CRITICAL, condition: 'request' }
    expect(outcomes(await apply(work, { begin: request, extent: ROLLBACK }))[0]).toBe('rollback.approval/1 waiting')
    const parted = other()
    expect(outcomes(await apply(parted))).toEqual(expect.arrayContaining(['rollback.approval/1 waiting', 'rollback.note/1 blocked']))
    await waive(work, { step: 'rollback.approval', by: ADA, roles: ['legal'], reason: 'nobody answers', until: '2099-01-01', today: '2026-12-01' })
    expect(outcomes(await apply(parted)).slice(0, 2)).toEqual(['rollback.approval/1 waived', 'rollback.note/1 changed'])
    await parted.close()
    await work.close()
  })

  it('does not hold the phases while it only weighs what to do', async () => {
    const { work } = await live()
    await apply(work, { begin: { ...CRITICAL, condition: 'request' }, extent: ROLLBACK })
    await sign(work, said('later.care'))
    expect(outcomes(await apply(work, { extent: { phase: 'later', step: null } }))).toEqual(['later.care unchanged'])
    await work.close()
  })

  it('is planned before it begins, and nothing is written', async () => {
    const { id, work } = await live()
    const before = await sql('SELECT count(*) AS n FROM onboard.journal WHERE chain = $1', [id])
    const planned = await plan(supposing(work, CRITICAL), ROLLBACK)
    expect(planned.steps.map(({ key, action }) => `${key.step}/${key.instance} ${action}`)).toEqual([
      'approval/1 skipped', 'note/1 create', 'each/1.x later', 'each/1.y later', 'back/1 update', 'learnt/1 ask',
    ])
    expect(await sql('SELECT count(*) AS n FROM onboard.journal WHERE chain = $1', [id])).toEqual(before)
    await work.close()
  })

  it('stops at what somebody changed since; put right by name, it goes on', async () => {
    const { slug, work } = await live()
    await sql('UPDATE public.thing SET value = $2 WHERE key = $1', [`${slug}-access`, 'by hand'])
    const stopped = await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    const failed = stopped.steps.find(({ outcome }) => outcome === 'failed')
    expect(failed).toMatchObject({ key: { step: 'back' }, reason: expect.stringContaining('changed by somebody else since'), next: `onboard apply ${slug} --step live.access` })
    expect(stopped.exit).toBe(7)
    expect((await drift(work)).drifted.map(({ key }) => key.step)).toEqual(['access'])
    expect(outcomes(await apply(work, { extent: { phase: 'live', step: 'access' } }))).toEqual(['live.access changed'])
    expect(outcomes(await apply(work))).toContain('rollback.back/1 changed')
    expect(await things(slug)).not.toContain(`${slug}-access=on`)
    await work.close()
  })

  it('takes production access first: what somebody changed about something later does not leave it on', async () => {
    const slug = `p${++count}`
    const book = runbook(slug)
    const phases = book.phases.map((phase) => phase.id !== 'live' ? phase : {
      ...phase,
      steps: [
        ...phase.steps.filter(({ id }) => id !== 'mail').map((step) => (step.id === 'access' ? { ...step, uses: 'tenant.access' } : step)),
        { ...(phase.steps[1] as (typeof phase.steps)[number]), id: 'extra', needs: ['seen'], with: { key: `${slug}-extra`, value: '1' } },
      ],
    })
    const setting = { runbook: { ...book, phases } }
    const plain = workOn(database, await open(database, setting, slug), setting, slug)
    const work = { ...plain, catalogue: { ...plain.catalogue, load: async (name: string) => plain.catalogue.load(name === 'tenant.access' ? 'put' : name) } }
    await apply(work)
    await sign(work, said('live.gate'))
    await apply(work)
    await sql('UPDATE public.thing SET value = $2 WHERE key = $1', [`${slug}-extra`, 'by hand'])
    const stopped = await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    expect([stopped.exit, stopped.steps.find(({ outcome }) => outcome === 'failed')?.reason]).toEqual([7, expect.stringContaining('live.extra')])
    expect(await things(slug)).toContain(`${slug}-extra=by hand`)
    expect(await things(slug)).not.toContain(`${slug}-access=on`)
    await plain.close()
  })

  it('that a newer runbook does not have any more holds nothing up', async () => {
    const { id, slug, work } = await live()
    await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    const without = workOn(database, id, { runbook: { ...runbook(slug), procedures: [] } }, slug)
    expect(outcomes(await apply(without)).slice(0, 2)).toEqual(['setup.base unchanged', 'live.gate waiting'])
    await without.close()
    await work.close()
  })

  it('takes back a word too that is given while it takes back', async () => {
    const { work, other } = await live()
    let open: () => void = () => undefined
    let appended: Promise<unknown> = Promise.resolve()
    const opened = new Promise<void>((resolve) => { open = resolve })
    const second = other()
    const signing = sign({ ...second, append: async (entry) => { await opened; return second.append(entry) } }, said('later.care'))
    const first = other((point) => {
      if (point !== 'undo live.seen noted') return
      open()
      appended = signing
    })
    const catalogue = { ...first.catalogue, load: async (name: string) => { await appended; return first.catalogue.load(name) } }
    await apply({ ...first, catalogue }, { begin: CRITICAL, extent: ROLLBACK })
    expect(await signing).toMatchObject({ outcome: 'signed' })
    await expect(sign(work, said('later.care'))).rejects.toMatchObject({ kind: 'waiting' })
    const run = await apply(work)
    expect(outcomes(run)).toContain('rollback.back/1 unchanged')
    for (const one of [first, second, work]) await one.close()
  })

  it('is refused while another run holds the onboarding', async () => {
    const { work, other } = await live()
    let hold: () => void = () => undefined
    const held = new Promise<void>((resolve) => { hold = resolve })
    let started: () => void = () => undefined
    const begun = new Promise<void>((resolve) => { started = resolve })
    const slow = other()
    const first = apply({ ...slow, catalogue: { ...slow.catalogue, load: async (name) => { started(); await held; return slow.catalogue.load(name) } } }, { begin: CRITICAL, extent: ROLLBACK })
    await begun
    await expect(apply(work, { begin: CRITICAL, extent: ROLLBACK })).rejects.toMatchObject({ kind: 'conflict' })
    hold()
    expect((await first).exit).toBe(5)
    await slow.close()
    await work.close()
  })

  it('goes back by default to before production access, and says where no phase gives it', async () => {
    const { work } = await live((book) => ({
      ...book,
      procedures: book.procedures.map((one) => ({ ...one, steps: one.steps.map((step) => (step.id === 'back' ? { ...step, with: {} } : step)) })),
    }))
    const run = await apply(work, { begin: CRITICAL, extent: ROLLBACK })
    expect(run.steps.find(({ key }) => key.step === 'back')).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('no phase gives production access') })
    await work.close()
  })
})
