import { expect, test } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { open, prepare, sketch, workOn } from '../engine/world.ts'
import { apply } from '../../src/engine/apply.ts'
import { testDatabase } from '../support/database.ts'

test('003: a database of the version before it, with an onboarding in it, is brought up to date and keeps what it holds', async () => {
  const database = await testDatabase()
  await prepare(database)
  const owner = await database.connect('owner')
  await owner.query('DROP FUNCTION onboard.move_runbook')
  const { rowCount } = await owner.query(`DELETE FROM onboard.migration WHERE name LIKE '003%'`)
  expect(rowCount).toBe(1)
  const setting = { runbook: sketch({ one: [{ id: 'a', uses: 'put', with: { key: 'a', value: '1' } }] }) }
  const id = await open(database, setting)
  const work = workOn(database, id, setting)
  await apply(work)
  const before = await owner.query('SELECT * FROM onboard.onboarding')

  expect(await migrate({ connectionString: database.url('owner') }, { label: database.label, product: 'public' })).toEqual([expect.stringMatching(/^003/)])

  expect((await owner.query('SELECT * FROM onboard.onboarding')).rows).toEqual(before.rows)
  expect(await verifyChain(owner, id)).toMatchObject({ entries: 1, faults: [] })
  const newer = sketch({ one: [{ id: 'a', uses: 'put', with: { key: 'a', value: '2' } }] })
  const app = await database.connect('app')
  await app.query('INSERT INTO onboard.runbook (digest, name, version, compiled, files) VALUES ($1, $2, $3, $4, $5)', [newer.digest, newer.name, newer.version, newer, {}])
  await app.query(`SELECT onboard.move_runbook($1, $2, '{}', NULL)`, [id, newer.digest])
  expect(await verifyChain(app, id)).toMatchObject({ entries: 2, faults: [] })
  expect((await app.query('SELECT runbook FROM onboard.onboarding WHERE id = $1', [id])).rows).toEqual([{ runbook: newer.digest }])
  await app.end()
  await owner.end()
  await work.close()
})
