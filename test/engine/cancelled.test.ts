import { expect, test } from 'vitest'
import { apply } from '../../src/engine/apply.ts'
import { cancellationOf } from '../../src/engine/cancelled.ts'
import { undoAll } from '../../src/engine/undo-all.ts'
import { markCancelled } from '../../src/journal/cancel.ts'
import { testDatabase } from '../support/database.ts'
import { open, prepare, sketch, workOn } from './world.ts'

test('an onboarding that is cancelled after a run was asked for, and before it has its lock, is left alone', async () => {
  const database = await testDatabase()
  await prepare(database)
  const setting = { runbook: sketch({ one: [{ id: 'a', uses: 'put', with: { key: 'a', value: '1' } }] }) }
  const id = await open(database, setting)
  const work = workOn(database, id, setting)
  const app = await database.connect('app')
  const mark = async (state: 'cancelled' | 'withdrawn') => {
    const own = await database.connect('app')
    await markCancelled(own, { id, key: 'acme' }, state, { facts: {}, detail: { reason: 'x' } }).finally(() => own.end())
  }
  await mark('cancelled')
  await expect(apply(work)).rejects.toMatchObject({ kind: 'conflict', code: 'cancelled', suggestions: ['onboard cancel acme --undo', 'onboard audit log acme'] })
  expect((await app.query('SELECT FROM public.thing')).rowCount).toBe(0)
  await mark('withdrawn')
  expect((await apply(work)).exit).toBe(0)
  await mark('cancelled')
  expect(await work.reading(async (_read, { entries }) => cancellationOf(entries))).toMatchObject({ reason: 'x', purged_at: null })
  // What was made can still be taken back.
  expect(await undoAll(work)).toMatchObject({ exit: 0, left: [], steps: [{ outcome: 'undone' }] })
  expect((await app.query('SELECT FROM public.thing')).rowCount).toBe(0)
  await app.end()
  await work.close()
})

test('what nothing undoes is left and said, and what came before it is undone all the same', async () => {
  const database = await testDatabase()
  await prepare(database)
  const setting = { runbook: sketch({ one: [
    { id: 'a', uses: 'put', with: { key: 'a', value: '1' } }, { id: 'forever', uses: 'keep', with: { key: 'b', forever: 'yes' } },
    { id: 'kept', uses: 'keep', with: { key: 'c' } }, { id: 'd', uses: 'put', with: { key: 'd', value: '1' } },
  ] }) }
  const work = workOn(database, await open(database, setting), setting)
  await apply(work)
  const { steps, left, exit } = await undoAll(work)
  expect(exit).toBe(0)
  expect(steps.map(({ key, outcome }) => `${key.step} ${outcome}`)).toEqual(['d undone', 'kept undone', 'forever unchanged', 'a undone'])
  expect(left).toEqual([{ step: 'one.kept', why: 'it stays, retired' }, { step: 'one.forever', why: 'keep cannot be undone' }])
  // Again: the same is left, and nothing is undone twice.
  expect(await undoAll(work)).toMatchObject({ exit: 0, steps: [{ outcome: 'unchanged' }], left: [{ step: 'one.kept' }, { step: 'one.forever' }] })
  await work.close()
})
