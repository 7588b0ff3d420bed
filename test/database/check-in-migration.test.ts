import { expect, test } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { apply } from '../../src/engine/apply.ts'
import { open, prepare, sketch, workOn } from '../engine/world.ts'
import { testDatabase } from '../support/database.ts'

test('006: a database of the version before it, with an onboarding in it, gains check-ins and keeps what it holds', async () => {
  const database = await testDatabase()
  await prepare(database)
  const owner = await database.connect('owner')
  await owner.query('DROP TABLE onboard.check_in')
  expect((await owner.query(`DELETE FROM onboard.migration WHERE name LIKE '006%'`)).rowCount).toBe(1)
  const setting = { runbook: sketch({ one: [{ id: 'a', uses: 'put', with: { key: 'a', value: '1' } }] }) }
  const id = await open(database, setting)
  const work = workOn(database, id, setting)
  await apply(work)
  const before = await owner.query('SELECT * FROM onboard.onboarding')

  expect(await migrate({ connectionString: database.url('owner') }, { label: database.label, product: 'public' })).toEqual([expect.stringMatching(/^006/)])

  expect((await owner.query('SELECT * FROM onboard.onboarding')).rows).toEqual(before.rows)
  expect(await verifyChain(owner, id)).toMatchObject({ entries: 1, faults: [] })
  const app = await database.connect('app')
  const digest = (await app.query(`INSERT INTO onboard.evidence (digest, bytes) VALUES (encode(sha256('x'), 'hex'), 'x') RETURNING digest`)).rows[0].digest
  const insert = (day: number) => app.query(`INSERT INTO onboard.check_in VALUES ($1, $2, onboard.now(), 'cleo@vendor.example', '{}', $3)`, [id, day, digest])
  await insert(3)
  await expect(insert(3)).rejects.toThrow('check_in_pkey')
  await expect(insert(0)).rejects.toThrow('check')
  await expect(app.query('DELETE FROM onboard.check_in')).rejects.toThrow('permission denied')
  const reader = await database.connect('reader')
  expect((await reader.query('SELECT day FROM onboard.check_in')).rows).toEqual([{ day: 3 }])
  for (const client of [app, owner, reader]) await client.end()
  await work.close()
})
