import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { endHolder, holderOf, lockRun } from '../../src/journal/lock.ts'
import { testDatabase } from '../support/database.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

describe('the run lock', () => {
  it('is taken from its holder, and from nobody who has got that holder\'s process number since', async () => {
    const id = '11111111-1111-4111-8111-111111111111'
    const [holding, app] = [await database.connect('app', { application_name: 'onboard ada' }), await database.connect('app')]
    await lockRun(holding, { id, key: 'acme' })
    const holder = await holderOf(app, id)
    if (!holder) throw new Error('nobody holds it')
    expect(await endHolder(app, { ...holder, since: '2001-01-01T00:00:00Z' })).toBe(true)
    expect((await holding.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    expect(await endHolder(app, holder)).toBe(true)
    await expect(holding.query('SELECT 1')).rejects.toThrow()
    expect(await holderOf(app, id)).toBeNull()
    await holding.end()
    await app.end()
  })
})
