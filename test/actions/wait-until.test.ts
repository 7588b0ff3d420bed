/** wait.until: a step waits for its day or instant, says so wherever it is asked, and goes on once that has come. */
import { beforeAll, expect, test } from 'vitest'
import action from '../../src/actions/wait/until.ts'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { plan } from '../../src/engine/plan.ts'
import type { Work } from '../../src/engine/ports.ts'
import type { JsonObject } from '../../src/model.ts'
import { status } from '../../src/onboarding/status.ts'
import { moveClock } from '../../src/database/clock.ts'
import { open, sketch, workOn } from '../engine/world.ts'
import { testDatabase } from '../support/database.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase({ simulated: '2026-12-01T09:00:00Z' })
})

/** An onboarding of one step that waits and one after it; `today` is the day where the vendor is. */
async function waiting(slug: string, given: JsonObject, today = '2026-12-01'): Promise<Work & { close(): Promise<void> }> {
  const runbook = sketch({ one: [{ id: 'day', uses: 'wait.until', with: given }, { id: 'after', uses: 'word', with: {} }] })
  const setting = { runbook }
  const work = workOn(database, await open(database, setting, slug), setting, slug)
  const catalogue = { ...work.catalogue, load: async (name: string) => (name === 'wait.until' ? (action as never) : work.catalogue.load(name)) }
  return { ...work, catalogue, inputs: { ...work.inputs, onboarding: { ...work.inputs.onboarding, today } } }
}

const outcomes = async (work: Work) => {
  const { steps, exit } = await apply(work)
  return { exit, steps: steps.map(({ key, outcome, reason }) => [key.step, outcome, reason]) }
}

test('before its day it waits in plan, run and status, with exit 5, and nothing goes on after it', async () => {
  const work = await waiting('early', { date: '2026-12-03', reason: 'the contract begins' })
  expect((await plan(work)).steps[0]).toMatchObject({ action: 'wait', reason: 'waits for 2026-12-03' })
  expect(await outcomes(work)).toEqual({ exit: 5, steps: [['day', 'waiting', 'waits for 2026-12-03'], ['after', 'blocked', 'needs one.day']] })
  const seen = await status(work)
  expect(seen.phases[0]?.steps[0]).toMatchObject({ state: 'waiting', reason: 'waits for 2026-12-03' })
  expect(seen).toMatchObject({ waiting: [], dated: [{ until: '2026-12-03' }] })
  await work.close()
})

test('on its day, where the vendor is, it is done once and stays so', async () => {
  const work = await waiting('come', { date: '2026-12-02', reason: 'the contract begins' }, '2026-12-02')
  expect((await outcomes(work)).steps[0]).toEqual(['day', 'changed', '2026-12-02 has come'])
  expect((await outcomes(work)).steps[0]).toEqual(['day', 'unchanged', null])
  expect((await status(work)).waiting.map(({ step }) => step.step)).toEqual(['after'])
  await work.close()
})

test.each([
  [{ reason: 'r' }, 'either date or instant is needed'],
  [{ reason: 'r', date: '2026-12-02', instant: '2026-12-02T10:00:00Z' }, 'either date or instant is needed'],
  [{ reason: 'r', date: '2026-02-30' }, '2026-02-30 is no day of the calendar'],
  [{ reason: 'r', instant: '2026-12-02T10:00' }, '2026-12-02T10:00 is no instant such as'],
  [{ reason: 'r', instant: 'noon' }, 'noon is no instant such as'],
])('%j is refused, where it is run and where it is looked at', async (given, message) => {
  const work = await waiting(`bad${message.length}${Object.keys(given).join('')}`.toLowerCase(), given)
  expect((await outcomes(work)).steps[0]).toEqual(['day', 'failed', expect.stringContaining(message)])
  expect((await plan(work)).steps[0]?.reason).toContain(message)
  expect((await status(work)).phases[0]?.steps[0]?.state).toBe('failed')
  await work.close()
})

test('an instant comes by the database’s clock, whatever the zone that it is written in', async () => {
  const work = await waiting('instant', { instant: '2026-12-01T11:00:00+01:00', reason: 'the window opens' })
  expect((await outcomes(work)).steps[0]).toEqual(['day', 'waiting', 'waits for 2026-12-01T11:00:00+01:00'])
  await moveClock(database, '2026-12-01T10:00:00Z')
  expect((await outcomes(work)).steps[0]).toEqual(['day', 'changed', '2026-12-01T11:00:00+01:00 has come'])
  await work.close()
})
