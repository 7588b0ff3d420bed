import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import row from '../../src/actions/postgres/row.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const TABLES = `
  CREATE TYPE grade AS ENUM ('low', 'high');
  CREATE DOMAIN code AS text CHECK (value ~ '^[a-z0-9-]+$');
  CREATE TABLE kinds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code code UNIQUE NOT NULL, label varchar(20), capacity bigint, price numeric(10, 2),
    since timestamptz(0), doc jsonb, old json, tags text[], docs jsonb[], nets cidr[], grade grade, span int4range, place point, raw bytea,
    active boolean NOT NULL DEFAULT true, noted text, twice bigint GENERATED ALWAYS AS (capacity * 2) STORED);
  CREATE SCHEMA "Odd. Schema";
  CREATE TABLE "Odd. Schema"."Select" ("from" int PRIMARY KEY, "a""b" text);`
const RIGHTS = `GRANT ALL ON ALL TABLES IN SCHEMA public, "Odd. Schema" TO onboard_app; GRANT USAGE ON SCHEMA "Odd. Schema" TO onboard_app, onboard_reader;
  GRANT SELECT ON ALL TABLES IN SCHEMA public, "Odd. Schema" TO onboard_reader`
const given =
  (more = '') =>
  (world: World) =>
    world.sql(`${TABLES} ${RIGHTS}; ${more}`)

const every = {
  label: 'Zürich "1"',
  capacity: '9007199254740993',
  price: '12.30',
  since: '2026-02-03T10:00:00+01:00',
  doc: { big: [1, { a: null }], t: "it's" },
  old: { a: 1 },
  tags: ['a,b', 'c"d\\', '{}', 'NULL', ''],
  docs: [{ a: 1 }, null],
  nets: ['192.0.2.0/24'],
  grade: 'high',
  span: '[1,5)',
  place: '(1,2)',
  raw: '\\x00ff',
  active: false,
}

actionLaws('postgres.row', {
  'a new row of every type': { input: { table: 'kinds', key: { code: 'eu-1' }, set: every }, given: given() },
  'a row that is there': {
    input: { table: 'kinds', key: { code: 'eu-1' }, set: every },
    given: given(
      `INSERT INTO kinds (code, label, doc, noted) VALUES ('eu-1', 'old', '{"n": 12345678901234567890.10}', 'theirs')`,
    ),
  },
  'columns that become NULL': {
    input: { table: 'kinds', key: { code: 'eu-1' }, set: { label: null, doc: null, tags: null, capacity: null } },
    given: given(`INSERT INTO kinds (code, label, doc, tags, capacity) VALUES ('eu-1', 'old', 'null', '{}', 1)`),
  },
  'names that need quotes': {
    input: { table: '"Odd. Schema".Select', key: { from: 1 }, set: { 'a"b': 'x' } },
    given: given(),
  },
})

describe('postgres.row', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase())
    await given()(world)
    return () => world.close()
  })
  beforeEach(() => world.sql('DELETE FROM kinds').then(() => undefined))
  const input = (set: object, key: object = { code: 'eu-1' }, table = 'kinds') => ({ table, key, set })

  test.each([
    ['a bigint beyond what JavaScript counts', { capacity: '9007199254740993' }, { capacity: '9007199254740992' }],
    ['a number of a scale', { price: 5.5 }, { price: 5.51 }],
    ['an instant in another time zone', { since: '2026-02-03 09:00Z' }, { since: '2026-02-03 09:00:01Z' }],
    ['a document with its keys in another order', { doc: { b: 1, a: 2 } }, { doc: { b: 2, a: 2 } }],
    ['json that has no equality of its own', { old: { b: 1, a: 2 } }, { old: { b: 1 } }],
    ['a point, which has none either', { place: '(1.0, 2)' }, { place: '(1, 3)' }],
  ])('the database compares: %s', async (_title, same, other) => {
    await world.sql(`INSERT INTO kinds (code, capacity, price, since, doc, old, place)
      VALUES ('eu-1', 9007199254740993, 5.50, '2026-02-03 10:00+01', '{"a": 2, "b": 1.0}', '{"a":2,"b":1}', '(1,2)')`)
    expect((await world.apply(row as never, input(same))).change).toBeNull()
    expect((await world.apply(row as never, input(other))).change).not.toBeNull()
  })

  test('a text that is too long is refused, not cut', async () => {
    await expect(world.apply(row as never, input({ label: 'x'.repeat(21) }))).rejects.toMatchObject({
      kind: 'invalid',
      code: 'value-refused',
    })
    expect(await world.sql('SELECT * FROM kinds')).toEqual([])
  })

  test('gives key, set, primary key and what is asked for as outputs', async () => {
    const { outputs } = await world.apply(row as never, { ...input({ label: 'x' }), returning: ['active'] })
    expect(outputs).toEqual({
      row: { code: 'eu-1', label: 'x', id: expect.stringMatching(/^\d+$/) as string, active: true },
    })
  })

  test('only the columns named are written', async () => {
    await world.sql(`INSERT INTO kinds (code, label, noted) VALUES ('eu-1', 'old', 'theirs')`)
    const { change } = await world.apply(row as never, input({ label: 'new', active: true }))
    expect(change).toMatchObject({ target: 'kinds code=eu-1', before: { label: 'old' }, after: { label: 'new' } })
    expect(await world.sql('SELECT label, noted FROM kinds')).toEqual([{ label: 'new', noted: 'theirs' }])
  })

  test('a row that appears meanwhile is a conflict, and stays as it is', async () => {
    const wish = input({ label: 'ours' })
    const change = row.plan(wish as never, await world.reading((read) => row.check(read, wish as never)))
    await world.sql(`INSERT INTO kinds (code, label) VALUES ('eu-1', 'theirs')`)
    await expect(world.apply(row as never, wish, { change: change as never })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'already-taken',
    })
    expect(await world.sql('SELECT label FROM kinds')).toEqual([{ label: 'theirs' }])
  })

  test('undo of an insert refuses where rows refer to it, or others have written into it', async () => {
    await world.sql(
      `CREATE TABLE uses (kind text REFERENCES kinds (code) ON DELETE CASCADE); GRANT SELECT ON uses TO onboard_app`,
    )
    const applied = await world.apply(row as never, input({ label: 'x' }))
    await world.sql(`INSERT INTO uses VALUES ('eu-1')`)
    await expect(world.undo(row as never, applied)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'has-dependents',
      message: expect.stringContaining('uses (kind)') as string,
    })
    await world.sql(`DELETE FROM uses; UPDATE kinds SET noted = 'hands off', active = false`)
    await expect(world.undo(row as never, applied)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'filled-since',
      message: expect.stringContaining('active, noted') as string,
    })
    await world.sql(`UPDATE kinds SET noted = NULL, active = true; DROP TABLE uses`)
    await world.undo(row as never, applied)
    expect(await world.sql('SELECT * FROM kinds')).toEqual([])
  })

  test('undo of an update leaves what is not its own, and refuses what was changed again', async () => {
    await world.sql(`INSERT INTO kinds (code, label) VALUES ('eu-1', 'old')`)
    const applied = await world.apply(row as never, input({ label: 'new' }))
    await world.sql(`UPDATE kinds SET noted = 'theirs'`)
    await world.undo(row as never, applied)
    expect(await world.sql('SELECT label, noted FROM kinds')).toEqual([{ label: 'old', noted: 'theirs' }])
    await expect(world.undo(row as never, applied)).rejects.toMatchObject({ kind: 'conflict', code: 'moved' })
  })

  test.each([
    ['a table that is not there', input({}, { id: 1 }, 'kind'), 'no-such-table', /kinds/],
    ['a column that is not there', input({ Label: 1 }), 'no-such-column', /did you mean label/],
    ['SQL instead of a table', input({}, { id: 1 }, 'kinds; DROP TABLE kinds'), 'no-such-table', /no table/],
    ['SQL instead of a column', input({ 'label = 1; --': 1 }), 'no-such-column', /it has/],
    ['three parts of a name', input({}, { id: 1 }, 'a.b.c'), 'identifier', /schema\.table/],
    ['a name that PostgreSQL cannot have', input({}, { id: 1 }, 'x'.repeat(64)), 'identifier', /63 bytes/],
    ['a column in key and in set', input({ code: 'x' }), 'key-and-set', /key and in set/],
    ['a computed column', input({ twice: 2 }), 'generated-column', /twice/],
    ['a value that its type cannot hold', input({ capacity: 'many' }), 'value-refused', /bigint/],
    ['an object in a number', input({ capacity: { a: 1 } }), 'value-refused', /takes no object/],
  ])('refuses %s, and writes nothing', async (_title, wish, code, message) => {
    const before = await world.dump()
    await expect(world.apply(row as never, wish)).rejects.toMatchObject({
      kind: 'invalid',
      code,
      message: expect.stringMatching(message) as string,
    })
    expect(await world.dump()).toEqual(before)
  })

  test('owns columns, so that two steps may keep different ones of a row', () => {
    expect(row.owns(input({ label: 'x', price: 1 }) as never)).toEqual([
      'table/kinds/{"code":"eu-1"}/label',
      'table/kinds/{"code":"eu-1"}/price',
    ])
    expect(row.owns(input({}) as never)).toEqual(['table/kinds/{"code":"eu-1"}'])
  })

  test("refuses onboard's own tables", async () => {
    await expect(world.apply(row as never, input({ digest: 'x' }, { seq: 1 }, 'onboard.input'))).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'own-schema',
    })
  })

  test('a right that is missing is named', async () => {
    await world.sql(
      `CREATE TABLE theirs (id int PRIMARY KEY); REVOKE ALL ON theirs FROM onboard_app, onboard_reader; GRANT SELECT ON theirs TO onboard_app, onboard_reader`,
    )
    await expect(world.apply(row as never, input({}, { id: 1 }, 'theirs'))).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('theirs') as string,
    })
  })

  test('a key that several rows have is a conflict', async () => {
    await world.sql(`INSERT INTO kinds (code, label) VALUES ('a', 'same'), ('b', 'same')`)
    await expect(world.apply(row as never, input({ active: false }, { label: 'same' }))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'ambiguous',
    })
  })
})
