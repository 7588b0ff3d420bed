/** Steps with `on`: one instance for each day of the phase, none of which begins before its day. */
import { beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { plan } from '../../src/engine/plan.ts'
import type { JsonObject, Runbook } from '../../src/model.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { testDatabase } from '../support/database.ts'
import { open, prepare, sketch, workOn } from './world.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
})

const ON = [{ key: 'day-1', day: 1 }, { key: 'day-2', day: 2 }, { key: 'week-2', day: 6 }]

/** Today is Tuesday, 2026-12-01. */
function dated(offset?: string): Runbook {
  const runbook = sketch({
    care: [{ id: 'check_in', uses: 'put', on: ON, with: { key: '${{ each }}', value: 'done' } }, { id: 'close', uses: 'put', with: { key: 'closed', value: 'yes' } }],
  })
  const starts = { at: 'handoff.start', ...(offset === undefined ? {} : { offset }) }
  return { ...runbook, phases: runbook.phases.map((phase) => ({ ...phase, starts })) }
}

it('each day waits for its date, those that have come are done, and what follows waits for all', async () => {
  const setting = { runbook: dated(), handoff: { start: '2026-11-30' } }
  const work = workOn(database, await open(database, setting, 'dated'), setting, 'dated')
  const drafted = await plan(work)
  expect(drafted.steps.map(({ key, action, reason }) => [key.instance, action, reason])).toEqual([
    ['day-1', 'create', null], ['day-2', 'create', null], ['week-2', 'wait', 'waits for 2026-12-07'], ['', 'create', 'after care.check_in/week-2'],
  ])
  const { steps, exit } = await apply(work)
  expect(steps.map(({ key, outcome }) => `${key.step}/${key.instance} ${outcome}`)).toEqual([
    'check_in/day-1 changed', 'check_in/day-2 changed', 'check_in/week-2 waiting', 'close/ blocked',
  ])
  expect(exit).toBe(5)
  expect((await apply(work)).steps.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'waiting', 'blocked'])
  await work.close()
})

it('days are business days from the first one on, moved by the offset, past holidays', () => {
  const due = (start: string, holidays: string[] = [], offset?: string): (string | null)[] => {
    const runbook = dated(offset)
    const [phase] = runbook.phases
    const step = phase?.steps[0]
    if (phase === undefined || step === undefined) throw new Error('no step')
    const config: JsonObject = holidays.length === 0 ? {} : { holidays }
    const scope = { handoff: { start }, discovery: null, config, onboarding: {}, outputs: new Map(), phase: 'care' }
    const evaluator = createEvaluator(runbook, new Map())
    expect(evaluator.instances(step, scope)).toEqual(['day-1', 'day-2', 'week-2'])
    return ON.map(({ key }) => evaluator.due(phase, step, { ...scope, each: key })?.date ?? null)
  }
  expect(due('2026-12-01')).toEqual(['2026-12-01', '2026-12-02', '2026-12-08'])
  expect(due('2026-12-05')).toEqual(['2026-12-07', '2026-12-08', '2026-12-14'])
  expect(due('2026-12-24', ['2026-12-25', '2027-01-01'])).toEqual(['2026-12-24', '2026-12-28', '2027-01-04'])
  expect(due('2026-12-01', [], '-1d')).toEqual(['2026-11-30', '2026-12-01', '2026-12-07'])
})
