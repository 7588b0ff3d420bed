import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { toThisVersion, versionBefore } from './version.ts'

test('013: a database of the version before it keeps its runbooks, and those pinned from then on keep their order', async () => {
  const database = await testDatabase()
  const owner = await database.connect('owner')
  await versionBefore(owner, '013')
  const pin = (id: string, compiled: object) => owner.query('INSERT INTO onboard.runbook (digest, name, version, compiled, files) VALUES ($1, $2, $3, $4, $5)', [id.repeat(64), 'ours', '1.0.0', JSON.stringify(compiled), {}])
  const fields = { create: { title: 'a' }, b: { title: 'b' } }
  await pin('a', fields)
  expect(await toThisVersion(database)).toEqual(['013', '014'])
  await pin('b', fields)
  const { rows } = await owner.query<{ compiled: object }>('SELECT compiled FROM onboard.runbook ORDER BY digest')
  expect(rows.map(({ compiled }) => Object.keys(compiled))).toEqual([['b', 'create'], ['create', 'b']])
  expect(rows[0]?.compiled).toEqual(fields)
  await owner.end()
})
