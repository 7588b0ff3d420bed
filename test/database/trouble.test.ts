import { expect, test } from 'vitest'
import { databaseError } from '../../src/database/trouble.ts'
import { OnboardError } from '../../src/errors.ts'
import { testDatabase } from '../support/database.ts'

/** What a statement of the owner's ends with, as commands see it. */
async function troubleOf(...statements: string[]): Promise<OnboardError> {
  const database = await testDatabase()
  const client = await database.connect('owner')
  try {
    for (const sql of statements) await client.query(sql)
  } catch (error) {
    return databaseError(error, database.label)
  } finally {
    await client.end()
  }
  throw new Error('no trouble')
}

test('a full disk is a failed step that says so', async () => {
  const error = await troubleOf(
    `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`,
    'CREATE TABLE t (id int); CREATE TRIGGER full_disk BEFORE INSERT ON t EXECUTE FUNCTION full_disk()',
    'INSERT INTO t VALUES (1)',
  )
  expect(error).toMatchObject({ kind: 'failed', code: 'database-full', exit: 1 })
  expect(error.message).toMatch(/no disk space left.*could not extend file/)
})

test('a read-only database is a service that cannot be used', async () => {
  const error = await troubleOf('SET default_transaction_read_only = on', 'CREATE TABLE t (id int)')
  expect(error).toMatchObject({ kind: 'unreachable', code: 'database-read-only', exit: 8 })
})

test('a connection that the server ends is a service that cannot be reached', async () => {
  const error = await troubleOf('SELECT pg_terminate_backend(pg_backend_pid())', 'SELECT 1')
  expect(error).toMatchObject({ kind: 'unreachable', exit: 8 })
})

test('a missing right is named as such, and what nobody foresaw keeps its own words', async () => {
  expect(await troubleOf('SET ROLE pg_read_all_data')).toMatchObject({ kind: 'forbidden', exit: 9 })
  const odd = await troubleOf('SELECT 1 / 0')
  expect(odd).toMatchObject({ kind: 'failed', code: 'database-error' })
  expect(odd.message).toMatch(/^(embedded|server):.*division by zero$/)
})

test('an error of ours stays itself', () => {
  const own = new OnboardError('invalid', 'x', 'y')
  expect(databaseError(own, 'db')).toBe(own)
})

test.each([['there already', ['PREPARE x AS SELECT 1', 'PREPARE x AS SELECT 1']], ['gone', ['EXECUTE x']]])('a prepared statement that is %s tells of a transaction pooler', async (_how, statements) => {
  expect(await troubleOf(...statements)).toMatchObject({ kind: 'invalid', code: 'transaction-pooler', exit: 3 })
})
