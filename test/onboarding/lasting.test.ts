/** What lasts of a look tells on every later day, as long as it says that it holds, what a look on that day would tell. */
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { basisFor } from '../../src/engine/basis.ts'
import { keyText } from '../../src/engine/keys.ts'
import type { EntryKind, JournalEntry, Work } from '../../src/engine/ports.ts'
import type { Json, JsonObject, Phase, Step } from '../../src/model.ts'
import { addDays, dateIn } from '../../src/onboarding/calendar.ts'
import { keptRunbook, type KeptRunbook, type LastingLook } from '../../src/onboarding/kept.ts'
import { lastingLook, lastingLooks, type Stretch } from '../../src/onboarding/lasting.ts'
import { status, type Status } from '../../src/onboarding/status.ts'
import { summariesOn } from '../../src/onboarding/summary.ts'
import { itemsOn, type OpenItem } from '../../src/onboarding/tasks.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { sketch, type StepSketch } from '../engine/world.ts'

const HOLIDAYS = ['2026-12-25', '2027-01-01', '2027-01-06']
const TIME_ZONE = 'America/New_York' // whose day is not that of UTC in the evening
const HANDOFF = { dates: { go_live: '2027-01-20', contract_start: '2026-12-14' } }
const confirm = (id: string, more: Partial<StepSketch> = {}): StepSketch => ({ id, uses: 'confirm', with: { text: 'Done?' }, needs: [], waivable_by: ['engineering'], ...more })

/** Every sort of date and of waiting that a runbook can have; `today`: one step reads the day as well. */
function ours(today: boolean) {
  const made = sketch({
    contract: [confirm('signed', { owner: ['legal'] }), confirm('begins', { starts: { at: 'handoff.dates.contract_start', offset: '1d' } })],
    build: [
      confirm('built'), { ...confirm('look'), uses: 'http.check', with: { url: 'https://app.example' } },
      { ...confirm('until'), uses: 'wait.until', with: { date: '2026-12-18', reason: 'r' } },
      { ...confirm('instant'), uses: 'wait.until', with: { instant: '2026-12-17T15:00:00Z', reason: 'r' } },
      confirm('choice', { when: today ? "onboarding.today > '2026-12-20'" : 'handoff.dates.go_live != null' }), confirm('sso', { capability: 'sso' }),
    ],
    unwanted: [confirm('never', { when: 'handoff.dates.go_live == null' })],
    live: [confirm('eve'), { ...confirm('access'), uses: 'tenant.access', with: { tenant: 't', status: 'live' } }],
    care: [confirm('day', { needs: [], on: [{ key: 'd1', day: 1 }, { key: 'd3', day: 3 }] }), confirm('word', { starts: { at: 'onboarding.go_live', offset: '2d' } })],
  }, { rollback: [confirm('told'), confirm('back', { needs: ['told'] })] })
  const more: Readonly<Record<string, Partial<Phase>>> = {
    contract: { duration: { min: 1, max: 3 } }, build: { duration: { min: 3, max: 8 } },
    unwanted: { duration: { min: 30, max: 60 } },
    live: { duration: { min: 1, max: 1 }, starts: { at: 'onboarding.go_live', offset: '-1d' } },
    care: { duration: { min: 5, max: 9 }, days: 'calendar', starts: { at: 'onboarding.live_on', offset: '1d' } },
  }
  return { ...made, phases: made.phases.map((phase) => ({ ...phase, ...more[phase.id] })) }
}

interface Draw { int(least: number, most: number): number }
const one = <T>(draw: Draw, of: readonly T[]): T => of[draw.int(0, of.length - 1)] as T

/** An onboarding at an instant: the engine's port, over a journal of memory. */
function workAt(runbook: ReturnType<typeof ours>, entries: readonly JournalEntry[], now: string, capabilities: JsonObject = {}): Work {
  const config: JsonObject = { time_zone: TIME_ZONE, holidays: HOLIDAYS, capabilities }
  const { name, version, digest } = runbook
  return {
    onboarding: { id: 'i', key: 'acme', slug: 'acme', name: '', company: 'Acme', runbook: { name, version, digest }, opened_at: '2026-12-01T09:00:00.000000Z' },
    runbook, catalogue: createCatalogue(), evaluator: createEvaluator(runbook, new Map()),
    inputs: { handoff: HANDOFF, discovery: null, config, onboarding: { slug: 'acme', tenant_slug: 'acme', key: 'acme', name: '', company: 'Acme', today: dateIn(now, TIME_ZONE) } },
    reading: async (read) => read(() => { throw new Error('the journal alone is read') }, { entries, now }),
  } as Partial<Work> as Work
}

/** A journal such as commands write, in any order that they could, ended before an instant. */
function journal(runbook: ReturnType<typeof ours>, draw: Draw): { entries: JournalEntry[]; last: string } {
  const entries: JournalEntry[] = []
  let minutes = 0
  const at = (): string => new Date(Date.parse('2026-12-01T09:00:00Z') + minutes * 60_000).toISOString().replace('Z', '000Z')
  const add = (kind: EntryKind, key: JournalEntry['key'], facts: JsonObject = {}, detail: Readonly<Record<string, Json>> = {}): void => {
    entries.push({ kind, key, run: null, facts, detail, seq: entries.length + 1, at: at(), session_user: 'app', hash: '', erased: [] })
  }
  add('opened', null)
  add('accepted', null)
  const steps: (readonly [Phase, Step])[] = runbook.phases.flatMap((phase) => phase.steps.map((step) => [phase, step] as const))
  // Mostly in their order, so that late phases are come to.
  const reach = draw.int(0, 2) === 0 ? draw.int(0, steps.length) : steps.length - draw.int(0, 4)
  const pace = one(draw, [30, 3000])
  // Some go well, so that what comes late is come to; by somebody's hand, or by ours.
  const kinds = one(draw, [['done', 'done', 'done', 'waived', 'waived', 'probed', 'failed', 'attested', 'signed'], ['done', 'done', 'waived', 'attested'], ['attested'], ['done']] as const)
  const settle = ([phase, step]: readonly [Phase, Step]): void => {
    const key = { phase: phase.id, step: step.id, instance: step.on === undefined ? '' : one(draw, step.on).key }
    const turn = { ...workAt(runbook, entries, at()).inputs, outputs: new Map(), phase: phase.id }
    const basis = basisFor({ inputs: turn, runbook }, step, turn)
    // What the product lacks is passed over by a word alone.
    const kind = step.capability !== null && draw.int(0, 4) > 0 ? 'attested' : step.id === 'look' && draw.int(0, 2) > 0 ? 'probed' : one<(typeof kinds)[number]>(draw, kinds)
    // A day or an instant is waited for where nothing was said of it.
    if (step.uses === 'wait.until' && draw.int(0, 3) === 0) return
    if (kind === 'done') add('done', key, { uses: step.uses, outcome: 'changed' }, { outputs: step.id === 'access' ? { status: 'live' } : null })
    if (kind === 'waived') add('waived', key, { until: addDays(at().slice(0, 10), draw.int(0, 25)) }, { reason: 'r' })
    if (kind === 'probed') add('probed', key, { basis, input: 'i', result: one(draw, ['pass', 'warn', 'fail']), holds_until: new Date(Date.parse(at()) + draw.int(1, 400) * 3_600_000).toISOString() }, { outputs: null })
    // A look that failed after one that passed.
    if (kind === 'failed' || (kind === 'probed' && step.id === 'look' && draw.int(0, 1) === 0)) add('failed', key, { code: 'c' }, { message: 'm' })
    if (kind === 'attested') add('attested', key, { as: 'effect', date: at().slice(0, 10) }, { outputs: step.id === 'access' ? { status: 'live' } : null })
    if (kind === 'signed') add('signed', key, { basis, binds: 'b' }, { outputs: null })
  }
  for (const turn of steps.slice(0, reach)) {
    minutes += draw.int(1, pace)
    settle(turn)
    // Some are done, looked at or signed again: the next word counts.
    if (draw.int(0, 5) === 0) settle(one(draw, steps.slice(0, reach)))
    if (draw.int(0, 12) === 0) add('held', null, {}, { reason: 'r' })
    if (draw.int(0, 3) === 0) add('resumed', null)
    if (draw.int(0, 14) === 0) add('rescheduled', null, { handoff: HANDOFF.dates.go_live, from: HANDOFF.dates.go_live, to: one(draw, ['2027-01-28', '2027-02-10']) })
    if (draw.int(0, 20) === 0) add('undone', entries.at(-1)?.key ?? null, { of: entries.length })
  }
  if (draw.int(0, 8) === 0) add('began', null, { procedure: 'rollback', occurrence: 1, day: at().slice(0, 10) }, { reason: 'r' })
  if (draw.int(0, 20) === 0) add('cancelled', null, { state: 'cancelled' }, { reason: 'r' })
  return { entries, last: at() }
}

const briefly = (items: readonly OpenItem[]) => items.filter(({ kind }) => kind !== 'waiver')
  .map(({ kind, step, title, due, overdue, next }) => [kind, kind === 'apply' ? null : step, kind === 'apply' ? null : title, due, overdue, next].join(' ')).toSorted()

/** What a whole status says that somebody could do. */
function openOf({ cancelled, waiting, phases, procedures, schedule }: Status): readonly string[] {
  if (cancelled !== null) return []
  const end = (phase: string) => schedule?.phases.find(({ id }) => id === phase)?.planned.end ?? null
  const dated = (phase: string) => [end(phase), end(phase) !== null && String(end(phase)) < String(schedule?.today)]
  const steps = [...phases, ...procedures].flatMap((phase) => phase.steps)
  const ready = steps.find(({ state, next }) => state === 'ready' || state === 'undone' || (state === 'failed' && next === null))
  return [
    ...waiting.map(({ step, title, due, overdue, next }) => ['sign', keyText(step), title, due, overdue, next]),
    ...steps.flatMap(({ key, title, state, next }) => ((state === 'blocked' || state === 'failed') && next !== null ? [['blocked', keyText(key), title, ...dated(key.phase), next]] : [])),
    ...(ready === undefined || schedule?.held ? [] : [['apply', null, null, ...dated(ready.key.phase), 'onboard apply acme']]),
  ].map((one) => one.join(' ')).toSorted()
}

const later = (from: string, hours: number): string => new Date(Date.parse(from) + hours * 3_600_000 + 1000).toISOString().replace('Z', '000Z')
const holding = ({ holds: { until, before } }: LastingLook, now: string): boolean => (until === null || now < until) && (before === null || dateIn(now, TIME_ZONE) < before)
const told = { over: 0, expired: 0, moved: 0, ahead: 0 }

for (const today of [false, true]) {
  test(`for random journals and days it is what a whole look tells${today ? ', though a step reads the day' : ''}`, async () => {
    const runbook = ours(today)
    const book = JSON.parse(JSON.stringify(keptRunbook(runbook))) as KeptRunbook
    await fc.assert(fc.asyncProperty(fc.gen(), async (gen) => {
      const draw: Draw = { int: (min, max) => gen(fc.integer, { min, max }) }
      const { entries, last } = journal(runbook, draw)
      const capabilities = one(draw, [{}, { sso: true }])
      // Some are looked at on the day that has the instant which a step waits for, some about go-live.
      const moment = one(draw, ['2026-12-17T12:00:00.000000Z', '2027-01-22T12:00:00.000000Z', last])
      const first = last < moment ? moment : later(last, draw.int(0, 300))
      // As they are read again.
      const stretches = JSON.parse(JSON.stringify(await lastingLooks(workAt(runbook, entries, first, capabilities), one(draw, [0, 1, 3])))) as readonly Stretch[]
      const { lasting } = await lastingLook(workAt(runbook, entries, first, capabilities))
      expect(stretches[0]).toMatchObject({ since: first, lasting: JSON.parse(JSON.stringify(lasting)) as Json })
      for (const hours of [0, draw.int(1, 12), draw.int(1, 30), draw.int(1, 200), draw.int(1, 1500)]) {
        const now = later(first, hours)
        const kept = stretches.findLast((one) => Date.parse(one.since) <= Date.parse(now) && holding(one, now))
        if (kept === undefined) {
          told.expired += 1
          continue
        }
        const day = dateIn(now, TIME_ZONE)
        const summary = summariesOn(day, HOLIDAYS)(kept.lasting, book.phases)
        const items = (look: LastingLook) => itemsOn({ today: day, config: { holidays: HOLIDAYS, roles: {} } })(look.lasting, book, { assigned: new Map(), contact: null })
        const whole = await status(workAt(runbook, entries, now, capabilities))
        const [waiting] = whole.waiting
        const steps = whole.phases.flatMap((phase) => phase.steps)
        expect(summary).toMatchObject({
          onboarding: 'acme', company: 'Acme', runbook: 'small 1.0.0', health: whole.health, why: whole.why, next: whole.next,
          go_live: whole.schedule?.go_live ?? null, forecast: whole.schedule?.live_on ?? whole.schedule?.forecast_go_live ?? null,
          waits: waiting?.for.join(' or ') ?? whole.dated[0]?.until ?? null,
          phase: whole.procedures[0]?.id ?? whole.phases.find(({ state }) => state === 'current')?.id ?? null,
          done: steps.filter(({ state }) => ['done', 'waived'].includes(state)).length, total: steps.filter(({ state }) => state !== 'skipped').length,
        })
        // And what a look of that day leaves says the same.
        const fresh = await lastingLook(workAt(runbook, entries, now, capabilities))
        expect(summariesOn(day, HOLIDAYS)(fresh.lasting, book.phases)).toEqual(summary)
        // The same of tasks.
        expect(items(kept)).toEqual(items(fresh))
        expect(briefly(items(kept))).toEqual(openOf(whole))
        told.over += 1
        if (kept !== stretches[0]) told.ahead += 1
        if (hours > 30) told.moved += 1
      }
    }), { numRuns: 250 })
  }, 120_000)
}

afterEach(() => {
  // Neither says nothing: many looks were told from what was kept, on other days too, and many did not hold.
  expect(told.over).toBeGreaterThan(300)
  expect(told.moved).toBeGreaterThan(20)
  expect(told.expired).toBeGreaterThan(50)
  // And many by what was foreseen.
  expect(told.ahead).toBeGreaterThan(100)
})
