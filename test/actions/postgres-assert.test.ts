import { beforeAll, describe, expect, test } from 'vitest'
import assertion from '../../src/actions/postgres/assert.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

describe('postgres.assert', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase())
    await world.sql(`INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom'), ('other', 'Other', 'custom');
      CREATE TABLE counter (n bigint); INSERT INTO counter VALUES (9007199254740993)`)
    return () => world.close()
  })
  const probe = (input: object) =>
    world.reading((read) => assertion.probe(read, { message: 'It is not so.', ...input } as never))

  test.each([
    ['rows where there are', { sql: 'SELECT slug FROM tenants WHERE plan = $1', params: ['custom'] }, 'pass'],
    [
      'rows where there are none',
      { sql: 'SELECT slug FROM tenants WHERE plan = $1', params: ["custom' OR true --"] },
      'fail',
    ],
    ['no rows where there are none', { sql: 'SELECT FROM tenants WHERE false', expect: 'no_rows' }, 'pass'],
    ['no rows where there are', { sql: 'SELECT slug FROM tenants ORDER BY slug;', expect: 'no_rows' }, 'fail'],
    ['a number', { sql: 'SELECT count(*) FROM tenants -- all of them', expect: 'value', value: 2 }, 'pass'],
    ['a bigint as text', { sql: 'SELECT n FROM counter', expect: 'value', value: '9007199254740993' }, 'pass'],
    ['a bigint that is one less', { sql: 'SELECT n FROM counter', expect: 'value', value: '9007199254740992' }, 'fail'],
    ['NULL', { sql: 'SELECT NULL::int AS nothing', expect: 'value', value: null }, 'pass'],
    ['a value of two rows', { sql: 'SELECT 1 AS one FROM tenants', expect: 'value', value: 1 }, 'fail'],
    ['a value of no row', { sql: 'SELECT 1 AS one WHERE false', expect: 'value', value: null }, 'fail'],
  ])('%s', async (_title, input, result) => {
    expect(await probe(input)).toMatchObject({ result })
  })

  test('says what is wrong, and shows the rows that should not be there', async () => {
    expect(await probe({ sql: 'SELECT slug FROM tenants ORDER BY slug', expect: 'no_rows', severity: 'warn' })).toEqual(
      {
        result: 'warn',
        summary: 'It is not so.',
        data: { rows: 2, value: 'acme', seen: [{ slug: 'acme' }, { slug: 'other' }] },
      },
    )
  })

  test('a million rows are not read', async () => {
    const evidence = await probe({ sql: 'SELECT * FROM generate_series(1, 1000000)' })
    expect(assertion.outputs({} as never, evidence)).toEqual({ holds: true, rows: 1000, value: 1 })
  })

  test.each([
    'DELETE FROM tenants RETURNING id',
    'SELECT 1; DELETE FROM tenants',
    'SELECT 1) q) r; DELETE FROM tenants; --',
    'WITH gone AS (DELETE FROM tenants RETURNING id) SELECT * FROM gone',
    'SELECT 1 AS a; COMMIT; DROP TABLE tenants',
    "SELECT set_config('role', 'onboard_owner', false) AS a",
    'SELECT * INTO copy_of_tenants FROM tenants',
    "SELECT lo_from_bytea(0, 'x') AS a",
    "SELECT pg_read_file('/etc/passwd') AS a",
    'SELECT onboard.open_chain() AS a',
    'COPY tenants TO STDOUT',
  ])('cannot be made to write: %s', async (sql) => {
    const before = await world.dump()
    await world.reading(async (read) => {
      await expect(assertion.probe(read, { sql, message: 'x' } as never)).rejects.toThrow()
    })
    expect(await world.dump()).toEqual(before)
  })

  test('a mistake in the query is said as one', async () => {
    await expect(probe({ sql: 'SELECT nothing FROM tenants' })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'sql',
      message: expect.stringContaining('nothing') as string,
    })
    await expect(probe({ sql: 'SELECT slug FROM tenants WHERE id = $1', params: ['x'] })).rejects.toMatchObject({
      kind: 'invalid',
    })
  })
})
