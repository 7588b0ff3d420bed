import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../src/database/pool.ts'
import { testDatabase } from '../support/database.ts'

let pool: Pool
beforeAll(async () => {
  pool = createPool(await testDatabase(), 'app', 1)
})
afterAll(() => pool.close())

const prepared = () => pool.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements ORDER BY statement')

describe('a statement whose text is always the same', () => {
  test('is read by the server once; any other is not kept', async () => {
    for (const n of [1, 2, 3]) expect(await pool.query('SELECT $1::int + 1 AS n', [n], 'kept')).toEqual([{ n: n + 1 }])
    await pool.transaction(async (query) => expect(await query('SELECT $1::int + 1 AS n', [9], 'kept')).toEqual([{ n: 10 }]))
    await pool.query('SELECT $1::int + 2 AS n', [1])
    expect(await prepared()).toEqual([{ statement: 'SELECT $1::int + 1 AS n' }])
  })

  test('is read anew once a table that it reads was altered', async () => {
    await pool.query('CREATE TEMP TABLE altered (a int)')
    const read = () => pool.query('SELECT * FROM altered', [], 'kept')
    expect(await read()).toEqual([])
    await pool.query('ALTER TABLE altered ADD b text')
    await pool.query(`INSERT INTO altered VALUES (1, 'x')`)
    await expect(read()).rejects.toThrow('cached plan')
    expect(await read()).toEqual([{ a: 1, b: 'x' }])
  })

  test('that is wrong does no harm to the next', async () => {
    await expect(pool.query('SELECT nothing FROM nowhere', [], 'kept')).rejects.toThrow('nowhere')
    await expect(pool.query('SELECT $1::int AS n', ['x'], 'kept')).rejects.toThrow('invalid input')
    expect(await pool.query('SELECT $1::int AS n', [1], 'kept')).toEqual([{ n: 1 }])
  })
})
