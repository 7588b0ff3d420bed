import { holdRow } from './hold.ts'
import type { Queries } from './port.ts'
import { type Match, whereSql } from './rows.ts'
import { Params } from './slot.ts'
import type { Table } from './table.ts'

interface Reference {
  name: string
  table: string
  join: string
  readable: boolean
}

const REFERENCES = `
SELECT k.conrelid::regclass::text || ' (' || string_agg(r.attname, ', ' ORDER BY x.n) || ')' AS name,
  format('%I.%I', n.nspname, c.relname) AS table,
  string_agg(format('r.%I = t.%I', r.attname, p.attname), ' AND ' ORDER BY x.n) AS join,
  bool_and(has_column_privilege(c.oid, r.attnum, 'SELECT')) AND NOT row_security_active(c.oid) AS readable
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS x (child, parent, n)
JOIN pg_catalog.pg_attribute r ON r.attrelid = k.conrelid AND r.attnum = x.child
JOIN pg_catalog.pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = x.parent
WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = $1::oid
GROUP BY k.oid, k.conrelid, n.nspname, c.relname, c.oid
ORDER BY 1`

/**
 * Which tables have rows that refer to this row by a foreign key, whatever that key would do on delete.
 * A table that this role cannot look into is named too: what was not seen is not known to be absent.
 * The row is held, so that what was seen stays so until the transaction ends.
 */
export async function dependentsOf(sql: Queries, table: Table, match: readonly Match[]): Promise<readonly string[]> {
  await holdRow(sql, table, match)
  const references = await sql.many<Reference>(REFERENCES, [table.oid])
  const looked = references.filter((r) => r.readable)
  const unseen = references.filter((r) => !r.readable).map((r) => `${r.name}, which this role cannot look into`)
  if (looked.length === 0) return unseen
  const params = new Params()
  const row = whereSql(match, params)
  const tests = looked.map(
    (r, i) =>
      `EXISTS (SELECT FROM ${r.table} r WHERE ${r.join} AND (r.tableoid, r.ctid) <> (t.tableoid, t.ctid)) AS d${i}`,
  )
  const found = await sql.one(`SELECT ${tests.join(', ')} FROM ${table.sql} t WHERE ${row}`, params.list)
  return [...looked.filter((_, i) => found?.[`d${i}`] === true).map((r) => r.name), ...unseen]
}
