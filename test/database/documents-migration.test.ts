import { expect, test } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { apply } from '../../src/engine/apply.ts'
import { open, prepare, sketch, workOn } from '../engine/world.ts'
import { testDatabase } from '../support/database.ts'

test('004: a database of the version before it, with an onboarding in it, has a place for documents and mail that keeps them', async () => {
  const database = await testDatabase()
  await prepare(database)
  const owner = await database.connect('owner')
  await owner.query('DROP TABLE onboard.document, onboard.outbox')
  const { rowCount } = await owner.query(`DELETE FROM onboard.migration WHERE name LIKE '004%'`)
  expect(rowCount).toBe(1)
  const setting = { runbook: sketch({ one: [{ id: 'a', uses: 'put', with: { key: 'a', value: '1' } }] }) }
  const id = await open(database, setting)
  const work = workOn(database, id, setting)
  await apply(work)
  const bytes = await work.store(Buffer.from('paper'))

  expect(await migrate({ connectionString: database.url('owner') }, { label: database.label, product: 'public' })).toEqual([expect.stringMatching(/^004/)])
  expect(await verifyChain(owner, id)).toMatchObject({ entries: 1, faults: [] })

  const [app, reader] = [await database.connect('app'), await database.connect('reader')]
  const given = [id, bytes, 'a'.repeat(64)]
  await app.query(
    `INSERT INTO onboard.document (onboarding, name, version, title, media_type, digest, size, made_from, template, data, facts, sources)
     VALUES ($1, 'paper', 1, 'Paper', 'text/plain', $2, 5, $3, 'paper', '{}', '{}', '[]')`, given)
  const mail = (step: string, message: string) => app.query(
    `INSERT INTO onboard.outbox (message_id, onboarding, step, state, content, recipients, subject, via, repeatable) VALUES ($4, $1, $3, 'sending', $2, '{}', 's', 'v', false)`,
    [id, given[2], step, message])
  await mail('acme/one/a', '<1@x>')
  // Two open mails of one step would be a mail sent twice.
  await expect(mail('acme/one/a', '<2@x>')).rejects.toMatchObject({ code: '23505' })
  await mail('acme/one/b', '<2@x>')
  // A version is written once: it can be withdrawn, and nothing else.
  await expect(app.query(`UPDATE onboard.document SET digest = digest`)).rejects.toMatchObject({ code: '42501' })
  await expect(app.query(`DELETE FROM onboard.document`)).rejects.toMatchObject({ code: '42501' })
  await expect(app.query(`DELETE FROM onboard.outbox`)).rejects.toMatchObject({ code: '42501' })
  await app.query(`UPDATE onboard.document SET withdrawn_at = onboard.now()`)
  expect((await reader.query('SELECT name FROM onboard.document')).rows).toEqual([{ name: 'paper' }])
  await expect(reader.query(`UPDATE onboard.outbox SET state = 'sent'`)).rejects.toThrow(/read-only|permission denied/)
  for (const client of [app, reader, owner]) await client.end()
  await work.close()
})
