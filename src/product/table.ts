import { OnboardError } from '../errors.ts'
import { qualified } from './identifier.ts'
import type { Queries } from './port.ts'
import { refusals } from './sql-error.ts'

/** A column as the catalogue describes it. */
export interface Column {
  readonly name: string
  /** Type as people write it: `character varying(10)`. */
  readonly type: string
  /** Type to cast a parameter to: rounds like an assignment, but never cuts text off. */
  readonly cast: string
  readonly sort: 'boolean' | 'small' | 'number' | 'json' | 'jsonb' | 'array' | 'other'
  /** The type's values can be compared with `=`; else they are compared as text. */
  readonly comparable: boolean
  /** An insert must give it a value. */
  readonly required: boolean
  /** Computed by the database: cannot be written. */
  readonly generated: boolean
  /** Part of the primary key. */
  readonly primary: boolean
  /** Its default, as SQL. */
  readonly default: string | null
}

export interface Table {
  /** Quoted and with its schema, for SQL. */
  readonly sql: string
  /** For people. */
  readonly name: string
  readonly schema: string
  readonly oid: string
  readonly columns: ReadonlyMap<string, Column>
}

interface Line {
  oid: string
  schema: string
  table: string
  column: string
  type: string
  cast: string
  base: string
  category: string
  comparable: boolean
  required: boolean
  generated: boolean
  primary: boolean
  default: string | null
}

/* One row for each column; a domain is judged by the type beneath it. Casting to varchar(n) would cut silently, so text
   and bit types lose their length here, while numeric and timestamp keep their scale and round as a store would. */
const DESCRIBE = `
SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS table, a.attname AS column,
  format_type(a.atttypid, a.atttypmod) AS type,
  CASE WHEN b.typcategory IN ('S', 'V') THEN format_type(a.atttypid, -1)
    ELSE format_type(a.atttypid, a.atttypmod) END AS cast,
  b.typname AS base, b.typcategory AS category,
  (b.typcategory IN ('A', 'E', 'R') OR EXISTS (
    SELECT FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod
     WHERE o.opcdefault AND m.amname IN ('btree', 'hash') AND (o.opcintype = b.oid
        OR EXISTS (SELECT FROM pg_catalog.pg_cast k WHERE k.castsource = b.oid AND k.casttarget = o.opcintype
                      AND k.castmethod = 'b' AND k.castcontext = 'i'))
  )) AS comparable,
  (a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '') AS required,
  (a.attgenerated <> '' OR a.attidentity = 'a') AS generated,
  EXISTS (SELECT FROM pg_catalog.pg_index i
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS primary,
  (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
    WHERE d.adrelid = c.oid AND d.adnum = a.attnum) AS default
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'f')
ORDER BY a.attnum`

const OTHERS = `
SELECT CASE WHEN n.nspname = ANY (current_schemas(false)) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'onboard')
ORDER BY c.relname LIMIT 20`

/**
 * A table with its columns, from the catalogue.
 * @param name `table` or `schema.table`
 * @param where what names it, for the error: `product.tenants.table`
 * @throws OnboardError (invalid, `no-such-table`) listing tables that exist
 */
export async function describeTable(sql: Queries, name: string, where: string): Promise<Table> {
  const lines = await refusals(`${where} ${name}`, () => sql.many<Line>(DESCRIBE, [qualified(name)]))
  const first = lines[0]
  if (first === undefined) {
    const others = await sql.many<{ name: string }>(OTHERS)
    const known =
      others.length === 0
        ? 'the database has no tables of its own'
        : `there are: ${others.map((o) => o.name).join(', ')}`
    throw new OnboardError(
      'invalid',
      'no-such-table',
      `${where}: there is no table ${name} in this database; ${known}`,
      {
        suggestions: ['onboard db status'],
      },
    )
  }
  return {
    sql: qualified(`"${first.schema.replaceAll('"', '""')}"."${first.table.replaceAll('"', '""')}"`),
    name,
    schema: first.schema,
    oid: first.oid,
    columns: new Map(lines.map((line) => [line.column, column(line)])),
  }
}

const known = new WeakMap<object, Map<string, Promise<Table>>>()

/** The table of this name, read from the catalogue once for each product. */
export function tableOf(read: Queries & { readonly product: object }, name: string, where: string): Promise<Table> {
  const tables = known.get(read.product) ?? new Map<string, Promise<Table>>()
  known.set(read.product, tables)
  const described =
    tables.get(name) ??
    describeTable(read, name, where).catch((error: unknown) => {
      tables.delete(name)
      throw error
    })
  tables.set(name, described)
  return described
}

function column(line: Line): Column {
  return {
    name: line.column,
    type: line.type,
    cast: line.cast,
    sort: sortOf(line),
    comparable: line.comparable,
    required: line.required,
    generated: line.generated,
    primary: line.primary,
    default: line.default,
  }
}

function sortOf(line: Line): Column['sort'] {
  if (line.base === 'json' || line.base === 'jsonb') return line.base
  if (line.base === 'bool') return 'boolean'
  if (['int2', 'int4', 'float4', 'float8'].includes(line.base)) return 'small'
  if (line.category === 'A') return 'array'
  if (line.category === 'N') return 'number'
  return 'other'
}

/** The column of this name, or an OnboardError (invalid) that names `where` and the columns there are. */
export function columnOf(table: Table, name: string, where: string, code: 'mapping' | 'no-such-column'): Column {
  const found = table.columns.get(name)
  if (found !== undefined) return found
  const nearest = [...table.columns.keys()].find((other) => other.toLowerCase() === name.toLowerCase())
  const hint = nearest === undefined ? `it has: ${[...table.columns.keys()].join(', ')}` : `did you mean ${nearest}?`
  throw new OnboardError('invalid', code, `${where}: table ${table.name} has no column ${name}; ${hint}`)
}
