import { OnboardError } from '../errors.ts'
import type { Json } from '../model.ts'
import type { Cell, To } from './port.ts'
import type { Column } from './table.ts'

/** Where one field's value lies: a column, or a path inside a JSON column. */
export interface Slot {
  readonly field: string
  readonly column: Column
  readonly path: readonly string[]
  /** Our value (as text) → what is stored, where the product has words of its own. */
  readonly values?: ReadonlyMap<string, Json>
  /** Where the config or runbook names this slot, for errors. */
  readonly where: string
}

/** Collects the parameters of one statement. */
export class Params {
  readonly list: unknown[] = []
  /** `$1::bigint` */
  add(value: unknown, type: string): string {
    this.list.push(value)
    return `$${this.list.length}::${type}`
  }
}

/** A value as the text that its column reads; null is SQL's NULL. */
export function textOf(slot: Slot, value: Json): string | null {
  const stored = slot.values === undefined ? value : translated(slot, slot.values, value)
  if (stored === null) return null
  if (slot.path.length > 0 || slot.column.sort === 'json' || slot.column.sort === 'jsonb') return JSON.stringify(stored)
  if (typeof stored !== 'object') return String(stored)
  if (slot.column.sort === 'array' && Array.isArray(stored)) return arrayText(stored, slot)
  const what = Array.isArray(stored) ? 'list' : 'object'
  throw new OnboardError(
    'invalid',
    'value-refused',
    `${slot.where}: column ${slot.column.name} is ${slot.column.type}, which takes no ${what}`,
  )
}

function translated(slot: Slot, values: ReadonlyMap<string, Json>, value: Json): Json {
  if (value === null) return null
  const stored = values.get(String(value))
  if (stored !== undefined) return stored
  throw new OnboardError(
    'invalid',
    'mapping',
    `${slot.where}: no value is given for ${JSON.stringify(value)}; there are: ${[...values.keys()].join(', ')}`,
  )
}

function arrayText(list: readonly Json[], slot: Slot): string {
  const items = list.map((item) => {
    if (item === null) return 'NULL'
    if (Array.isArray(item)) return arrayText(item, slot)
    const text = typeof item === 'object' || slot.column.type.startsWith('json') ? JSON.stringify(item) : String(item)
    return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  })
  return `{${items.join(',')}}`
}

/** The text to write for a wish: what was read before as it was, or a value in the column's own words. */
export function wishText(slot: Slot, to: To): string | null {
  return 'exact' in to ? to.exact : textOf(slot, to.value)
}

/** The value itself, in SQL; of a JSON document `null` where the document says so, NULL where it says nothing. */
function raw(slot: Slot, params: Params): string {
  const column = `t.${quoted(slot.column)}`
  return slot.path.length === 0 ? column : `${column}::jsonb #> ${params.add(slot.path, 'text[]')}`
}

/** The value's own text, lossless. */
export function exactSql(slot: Slot, params: Params): string {
  return `(${raw(slot, params)})::text`
}

/** Whether the value equals this text read as the column's type. */
export function sameSql(slot: Slot, text: string | null, params: Params): string {
  const value = raw(slot, params)
  if (text === null) return slot.path.length === 0 ? `${value} IS NULL` : `coalesce(${value}, 'null') = 'null'`
  if (slot.path.length > 0) return `(${value}) IS NOT DISTINCT FROM ${params.add(text, 'jsonb')}`
  if (slot.column.sort === 'json') return `(${value})::jsonb IS NOT DISTINCT FROM ${params.add(text, 'jsonb')}`
  const wanted = params.add(text, slot.column.cast)
  return slot.column.comparable
    ? `${value} IS NOT DISTINCT FROM ${wanted}`
    : `(${value})::text IS NOT DISTINCT FROM (${wanted})::text`
}

/**
 * The value in a form for people, where its own text is not that: lists, and values in the product's words. NULL: use
 * the exact text.
 */
export function shownSql(slot: Slot, params: Params): string {
  if (slot.values !== undefined) {
    const cases = [...slot.values].map(([ours, stored]) => {
      const { values: _, ...plain } = slot
      return `WHEN ${sameSql(plain, textOf(plain, stored), params)} THEN ${params.add(ours, 'text')}`
    })
    return cases.length === 0 ? 'NULL' : `CASE ${cases.join(' ')} END`
  }
  return slot.path.length === 0 && slot.column.sort === 'array' ? `to_jsonb(t.${quoted(slot.column)})::text` : 'NULL'
}

/** Makes a cell of what the SQL above gave. */
export function cellOf(slot: Slot, exact: string | null, shown: string | null, same: boolean): Cell {
  return { value: valueOf(slot, exact, shown), exact, same }
}

function valueOf(slot: Slot, exact: string | null, shown: string | null): Json {
  if (exact === null) return null
  if (slot.values !== undefined) return shown ?? exact
  if (slot.path.length > 0 || slot.column.sort === 'json' || slot.column.sort === 'jsonb')
    return JSON.parse(exact) as Json
  if (slot.column.sort === 'array') return shown === null ? exact : (JSON.parse(shown) as Json)
  if (slot.column.sort === 'boolean') return exact === 'true'
  if (slot.column.sort === 'small' && Number.isFinite(Number(exact))) return Number(exact)
  return exact
}

export function quoted(column: Column): string {
  return `"${column.name.replaceAll('"', '""')}"`
}
