import type { Queries } from './port.ts'
import { type Match, whereSql } from './rows.ts'
import { Params, quoted } from './slot.ts'
import type { Column, Table } from './table.ts'

/** `'x'::text`, `0`, `true`: a default that is the same whenever it is evaluated. */
const CONSTANT = /^(?:'(?:[^']|'')*'|-?[0-9.]+|\(-[0-9.]+\)|true|false|NULL)(?:::[\w ."()[\]]+)?$/i

/**
 * Columns besides those named in which somebody has written since the row was made: what had no default and is not
 * null, or differs from a constant default. Columns whose default is computed cannot be judged, and are not.
 */
export async function filledSince(
  sql: Queries,
  table: Table,
  match: readonly Match[],
  ours: readonly string[],
): Promise<readonly string[]> {
  const judged = [...table.columns.values()].filter(
    (c) => !ours.includes(c.name) && !c.generated && !c.primary && judge(c) !== undefined,
  )
  if (judged.length === 0) return []
  const params = new Params()
  const row = whereSql(match, params)
  const found = await sql.one(
    `SELECT ${judged.map((c, i) => `(${judge(c)}) AS f${i}`).join(', ')} FROM ${table.sql} t WHERE ${row}`,
    params.list,
  )
  return judged.filter((_, i) => found?.[`f${i}`] === true).map((c) => c.name)
}

function judge(column: Column): string | undefined {
  const value = `t.${quoted(column)}`
  if (column.required || column.default === null) return `${value} IS NOT NULL`
  return CONSTANT.test(column.default)
    ? `${value}::text IS DISTINCT FROM (${column.default})::${column.cast}::text`
    : undefined
}
