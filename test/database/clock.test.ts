import { expect, test } from 'vitest'
import { moveClock, simulateClock } from '../../src/database/clock.ts'
import { testDatabase } from '../support/database.ts'

const START = '2027-01-04T08:00:00.000000Z'
const conflict = expect.objectContaining({ kind: 'conflict', code: 'clock' })

test('a simulated clock stands still, is said in the journal, and moves forward only', async () => {
  const database = await testDatabase({ simulated: START })
  expect(await database.clock()).toEqual({ now: START, simulated: true })
  expect(await moveClock(database, '2027-01-05T08:00:00Z')).toBe('2027-01-05T08:00:00.000000Z')
  await expect(moveClock(database, START)).rejects.toEqual(conflict)
  const app = await database.connect('app')
  const { rows } = await app.query<{ body: string }>(
    `WITH entry AS (SELECT onboard.append(id, 'opened', NULL, NULL, NULL, NULL, '{}', NULL) FROM (SELECT onboard.open_chain() AS id) c)
     SELECT count(*) FROM entry`,
  )
  expect(rows).toEqual([{ count: '1' }])
  const journal = await app.query<{ body: string }>('SELECT body FROM onboard.journal')
  await app.end()
  expect(JSON.parse(journal.rows[0]!.body)).toMatchObject({ clock: 'simulated', at: '2027-01-05T08:00:00.000000Z' })
})

test("a clock that is the server's cannot be moved, and cannot be simulated any more once somebody was onboarded", async () => {
  const database = await testDatabase()
  expect(await database.clock()).toMatchObject({ simulated: false })
  await expect(moveClock(database, START)).rejects.toEqual(conflict)
  const owner = await database.connect('owner')
  await owner.query('SELECT onboard.open_chain()')
  await expect(owner.query('UPDATE onboard.clock SET simulated = now()')).rejects.toMatchObject({ code: 'OB001' })
  await owner.end()
})

test('a clock is fixed to try things out, as long as nobody was onboarded', async () => {
  const database = await testDatabase()
  expect(await simulateClock(database, START)).toBe(START)
  expect(await database.clock()).toEqual({ now: START, simulated: true })
  const owner = await database.connect('owner')
  await owner.query('SELECT onboard.open_chain()')
  await owner.end()
  await expect(simulateClock(database, '2026-01-01T00:00:00Z')).rejects.toEqual(conflict)
  expect(await database.clock()).toEqual({ now: START, simulated: true })
})
