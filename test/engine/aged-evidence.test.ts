/** Evidence that has only grown old: `apply` looks again before anything follows from it; people need not wait for that. */
import { beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { sign } from '../../src/onboarding/sign.ts'
import { status } from '../../src/onboarding/status.ts'
import { testDatabase } from '../support/database.ts'
import { open, prepare, sketch, workOn } from './world.ts'

const setting = {
  runbook: sketch({
    one: [{ id: 'made', uses: 'put', with: { key: 'a', value: '1' } }, { id: 'looked', uses: 'look', with: { key: 'theirs', value: '1' } }],
    two: [{ id: 'agreed', uses: 'word' }, { id: 'more', uses: 'put', with: { key: 'b', value: '2' } }],
  }),
}
const eva = { step: 'two.agreed', signer: { name: 'Eva', email: 'eva@vendor.example' }, roles: ['engineering'], note: null, evidence: [] }
let database: Database
let work: ReturnType<typeof workOn>
const later = async () => {
  const app = await database.connect('app')
  await app.query(`SELECT onboard.move_clock(onboard.now() + interval '2 hours')`).finally(() => app.end())
}
const change = async (value: string) => {
  const owner = await database.connect('owner')
  await owner.query(`INSERT INTO public.thing VALUES ('theirs', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, [value]).finally(() => owner.end())
}
const two = async () => Object.fromEntries((await apply(work, { extent: { phase: 'two', step: null } })).steps.map(({ key, outcome, reason }) => [key.step, reason === null ? outcome : `${outcome}: ${reason}`]))

beforeEach(async () => {
  database = await testDatabase({ simulated: '2026-12-01T09:00:00Z' })
  await prepare(database)
  await change('1')
  work = workOn(database, await open(database, setting), setting)
  await apply(work)
  await later() // the probe's evidence holds for a minute
  return () => work.close()
})

test('a phase is applied by itself: the probe before it is looked at again, and is not among the results', async () => {
  await sign(work, eva)
  expect(await two()).toEqual({ agreed: 'unchanged', more: 'changed' })
})

test('where it does not hold any more, nothing after it is done', async () => {
  await sign(work, eva)
  await change('other')
  expect(await two()).toEqual({ agreed: 'blocked: needs one.looked', more: 'blocked: needs two.agreed, one.looked' })
})

test('a word can be given, and status shows what is to be looked at again without blocking the rest', async () => {
  expect(await sign(work, eva)).toMatchObject({ outcome: 'signed' })
  const { phases } = await status(work)
  const steps = phases.flatMap((phase) => phase.steps.map(({ key, state, reason }) => `${key.step} ${state}: ${reason}`))
  expect(steps.slice(0, 3)).toEqual(['made done: null', 'looked done: its evidence is too old', expect.stringMatching(/^agreed done: /)])
  expect(phases.map(({ id, state, done }) => `${id} ${state} ${done}`)).toEqual(['one done 2', 'two current 1'])
})

test('a probe that failed is no evidence, however old', async () => {
  await change('other')
  await apply(work)
  await later()
  await expect(sign(work, eva)).rejects.toMatchObject({ code: 'not-ready' })
})

test('what an effect before it has changed since is looked at again, however young the evidence', async () => {
  const fresh = await testDatabase({ simulated: '2026-12-01T09:00:00Z' })
  await prepare(fresh)
  const of = (value: string) => ({
    handoff: { name: 'Acme', value },
    runbook: sketch({
      one: [{ id: 'made', uses: 'put', with: { key: 'a', value: '${{ handoff.value }}' } }, { id: 'looked', uses: 'look', with: { key: 'a', value: '1', warn: true } }],
      two: [{ id: 'again', uses: 'look', with: { key: 'a', value: '1', warn: true } }],
    }),
  })
  const id = await open(fresh, of('1'))
  const said = async (value: string) => {
    const at = workOn(fresh, id, of(value))
    return (await apply(at).finally(() => at.close())).steps.map(({ key, outcome, reason }) => `${key.step} ${outcome}: ${reason}`)
  }
  expect(await said('1')).toEqual(['made changed: null', 'looked changed: a is 1', 'again changed: a is 1'])
  expect(await said('1')).toEqual(['made unchanged: null', 'looked unchanged: null', 'again unchanged: null'])
  expect(await said('2')).toEqual(['made changed: null', 'looked changed: a is 2', 'again changed: a is 2'])
  expect(await said('2')).toEqual(['made unchanged: null', 'looked unchanged: null', 'again unchanged: null'])
})
