import type { Queries } from './port.ts'
import { type Match, whereSql } from './rows.ts'
import { Params } from './slot.ts'
import type { Table } from './table.ts'

/**
 * Keeps a row as it is until the transaction ends: nobody else changes it, or adds rows that refer to it,
 * between a look and a delete. Does nothing where the table is a view, or this role may not update it.
 */
export async function holdRow(sql: Queries, table: Table, match: readonly Match[]): Promise<void> {
  const may = await sql.one<{ may: boolean }>(
    `SELECT c.relkind IN ('r', 'p') AND has_any_column_privilege(c.oid, 'UPDATE') AS may
       FROM pg_catalog.pg_class c WHERE c.oid = $1::oid`,
    [table.oid],
  )
  if (may?.may !== true) return
  const params = new Params()
  const row = whereSql(match, params)
  await sql.many(`SELECT 1 AS one FROM ${table.sql} t WHERE ${row} FOR UPDATE`, params.list)
}
