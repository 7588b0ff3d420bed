import { OnboardError } from '../errors.ts'
import type { Json } from '../model.ts'
import type { Cell, Found, Queries, Statements, To } from './port.ts'
import { assignments, insertion } from './assign.ts'
import { Params, cellOf, exactSql, quoted, sameSql, shownSql, textOf, wishText, type Slot } from './slot.ts'
import { refusals } from './sql-error.ts'
import type { Table } from './table.ts'

/** A slot with the value by which a row is found; `fold`: case does not matter. */
export interface Match {
  readonly slot: Slot
  readonly value: Json
  readonly fold?: boolean
}

/** What to read of a row: wanted values are compared; `present` slots only tell whether they are set. */
export interface Look {
  readonly slot: Slot
  readonly want?: Json
  readonly present?: boolean
}

/**
 * The one row that matches, with its cells by field.
 * @param key the column whose text names the row
 * @throws OnboardError (conflict, `ambiguous`) where several rows match
 */
export async function findRow(
  sql: Queries,
  table: Table,
  what: string,
  key: Slot,
  match: readonly Match[],
  looks: readonly Look[],
): Promise<Found | null> {
  const params = new Params()
  const outputs = [`${exactSql(key, params)} AS key`]
  for (const [i, look] of looks.entries()) {
    if (look.present === true) {
      outputs.push(`(t.${quoted(look.slot.column)} IS NOT NULL)::text AS e${i}`)
      continue
    }
    outputs.push(`${exactSql(look.slot, params)} AS e${i}`, `${shownSql(look.slot, params)} AS s${i}`)
    if (look.want !== undefined) outputs.push(`${sameSql(look.slot, textOf(look.slot, look.want), params)} AS q${i}`)
  }
  const text = `SELECT ${outputs.join(', ')} FROM ${table.sql} t WHERE ${whereSql(match, params)} LIMIT 2`
  const rows = await refusals(what, () => sql.many<Record<string, unknown>>(text, params.list))
  const row = rows[0]
  if (row === undefined) return null
  if (rows.length > 1) {
    throw new OnboardError(
      'conflict',
      'ambiguous',
      `${what}: more than one row of ${table.name} matches; make the key unique`,
    )
  }
  const cells: Record<string, Cell> = {}
  for (const [i, { slot, present }] of looks.entries()) {
    const exact = row[`e${i}`] as string | null
    cells[slot.field] =
      present === true
        ? { value: exact === 'true', exact, same: true }
        : cellOf(slot, exact, (row[`s${i}`] ?? null) as string | null, (row[`q${i}`] ?? true) === true)
  }
  return { key: row['key'] as string, cells }
}

/** The condition that finds the row; `t` is its table. */
export function whereSql(match: readonly Match[], params: Params): string {
  return match
    .map(({ slot, value, fold }) => {
      const text = textOf(slot, value)
      if (fold === true) return `lower(t.${quoted(slot.column)}::text) = lower(${params.add(text, 'text')})`
      // An index serves `=` and not IS NOT DISTINCT FROM.
      if (text !== null && slot.path.length === 0 && slot.column.comparable)
        return `t.${quoted(slot.column)} = ${params.add(text, slot.column.cast)}`
      return sameSql(slot, text, params)
    })
    .join(' AND ')
}

/** Adds one row. @param values columns' slots with what they get */
export async function insertRow(
  sql: Statements,
  table: Table,
  what: string,
  values: readonly (readonly [Slot, To])[],
): Promise<void> {
  const params = new Params()
  const columns = insertion(values, params)
  const names = columns.map(([name]) => name).join(', ')
  const text = `INSERT INTO ${table.sql} (${names}) VALUES (${columns.map(([, value]) => value).join(', ')})`
  await refusals(what, () => sql.run(text, params.list), hiddenIn(values.map(([slot, to]) => ({ slot, to }))))
}

export interface RowChange {
  readonly slot: Slot
  /** What must still be there; undefined = whatever it is. */
  readonly from?: string | null
  readonly to: To
}

/** Writes slots of one row, if they still hold what was seen. @throws OnboardError (conflict, `moved`) */
export async function updateRow(
  sql: Statements,
  table: Table,
  what: string,
  match: readonly Match[],
  changes: readonly RowChange[],
): Promise<void> {
  if (changes.length === 0) return
  const params = new Params()
  const sets = assignments(
    changes.map(({ slot, to }) => [slot, wishText(slot, to)] as const),
    params,
  )
  const guards = changes.flatMap(({ slot, from }) => (from === undefined ? [] : [guard(slot, from, params)]))
  const where = [whereSql(match, params), ...guards].join(' AND ')
  const text = `UPDATE ${table.sql} t SET ${sets.join(', ')} WHERE ${where}`
  await expectOne(
    what,
    changes.map((c) => c.slot.field),
    () => sql.run(text, params.list),
    hiddenIn(changes),
  )
}

/** Deletes one row, if its slots still hold what was seen. @throws OnboardError (conflict, `moved`) */
export async function deleteRow(
  sql: Statements,
  table: Table,
  what: string,
  match: readonly Match[],
  expected: readonly { slot: Slot; from: string | null }[],
): Promise<void> {
  const params = new Params()
  const guards = expected.map(({ slot, from }) => guard(slot, from, params))
  const text = `DELETE FROM ${table.sql} t WHERE ${[whereSql(match, params), ...guards].join(' AND ')}`
  await expectOne(
    what,
    expected.map((e) => e.slot.field),
    () => sql.run(text, params.list),
  )
}

function guard(slot: Slot, from: string | null, params: Params): string {
  return `${exactSql(slot, params)} IS NOT DISTINCT FROM ${params.add(from, 'text')}`
}

/** Hashes of secrets: the database quotes what it refuses. */
function hiddenIn(values: readonly { readonly slot: Slot; readonly to: To }[]): string[] {
  return values.filter(({ slot }) => slot.field.endsWith('_hash')).flatMap(({ slot, to }) => wishText(slot, to) ?? [])
}

async function expectOne(
  what: string,
  fields: readonly string[],
  work: () => Promise<number>,
  hidden: readonly string[] = [],
): Promise<void> {
  const touched = await refusals(what, work, hidden)
  if (touched === 1) return
  throw new OnboardError(
    'conflict',
    'moved',
    `${what}: ${fields.join(', ')}: no longer what was seen; somebody changed it meanwhile`,
  )
}
