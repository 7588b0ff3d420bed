import { OnboardError } from '../errors.ts'
import type { Json } from '../model.ts'
import { dependentsOf } from './dependents.ts'
import { otherSlugs } from './former.ts'
import { holdRow } from './hold.ts'
import type { Entity, EntityMapping, Fields, Queries } from './port.ts'
import { deleteRow, findRow, insertRow, type Look, type Match, updateRow } from './rows.ts'
import type { Slot } from './slot.ts'
import { columnOf, describeTable, type Table } from './table.ts'

/** Fields whose letters' case does not matter where a row is looked up. */
const FOLDED = new Set(['email'])

interface Resolved {
  readonly table: Table
  readonly key: Slot
  slot(field: string): Slot
}

/**
 * Tenants or users as rows of a table that the mapping names.
 * @param place where the mapping stands in the config: `product.tenants`
 */
export function createEntity(name: Entity['name'], mapping: EntityMapping | undefined, place: string): Entity {
  let resolving: Promise<Resolved> | undefined
  const resolved = (sql: Queries): Promise<Resolved> => {
    resolving ??= resolve(sql, named(mapping, name, place), place).catch((error: unknown) => {
      resolving = undefined
      throw error
    })
    return resolving
  }
  const has = (field: string): boolean => mapping !== undefined && columnFor(mapping, field) !== undefined
  const byKey = ({ key }: Resolved, value: string): Match[] => [{ slot: key, value }]

  return {
    name,
    has,
    needs(fields, purpose) {
      const missing = fields.filter((field) => !has(field))
      if (missing.length === 0) return
      const what = missing.map((field) => `${name}.${field}`).join(', ')
      throw new OnboardError(
        'waiting',
        'capability-unavailable',
        `${purpose} is not available: the product has no place for ${what} (${place}.columns)`,
      )
    },
    async find(sql, by, { want = {}, also = [], present = [] }) {
      const r = await resolved(sql)
      const match = Object.entries(by).map(([field, value]) => ({
        slot: r.slot(field),
        value,
        fold: FOLDED.has(field),
      }))
      const looks: Look[] = [
        ...Object.entries(want).map(([field, value]) => ({ slot: r.slot(field), want: value })),
        ...also.map((field) => ({ slot: r.slot(field) })),
        ...present.map((field) => presence(r, field, has)),
      ]
      const found = await findRow(sql, r.table, `${name} ${said(by)}`, r.key, match, looks)
      if (found !== null || name !== 'tenant' || typeof by['slug'] !== 'string') return found
      // A tenant that was renamed here, or is about to be there, has another name on one of the two sides.
      for (const slug of await otherSlugs(sql, by['slug'])) {
        const former = match.map((one) => (one.slot.field === 'slug' ? { ...one, value: slug } : one))
        const renamed = await findRow(sql, r.table, `${name} ${slug}`, r.key, former, looks)
        if (renamed !== null) return renamed
      }
      return null
    },
    async create(sql, values) {
      const r = await resolved(sql)
      const given = Object.entries(values).map(([field, value]) => [r.slot(field), { value }] as const)
      const defaults = defaultsOf(r.table, named(mapping, name, place), place).filter(
        ([slot]) => !given.some(([g]) => g.column === slot.column),
      )
      complete(
        r.table,
        [...given, ...defaults].map(([slot]) => slot.column.name),
        place,
      )
      await insertRow(sql, r.table, `${name} ${said(values)}`, [...given, ...defaults])
    },
    async update(sql, key, changes) {
      const r = await resolved(sql)
      await updateRow(
        sql,
        r.table,
        `${name} ${key}`,
        byKey(r, key),
        Object.entries(changes).map(([field, change]) => ({ slot: r.slot(field), ...change })),
      )
    },
    async remove(sql, key, expected) {
      const r = await resolved(sql)
      await deleteRow(
        sql,
        r.table,
        `${name} ${key}`,
        byKey(r, key),
        Object.entries(expected).map(([field, from]) => ({ slot: r.slot(field), from })),
      )
    },
    async hold(sql, key) {
      const r = await resolved(sql)
      await holdRow(sql, r.table, byKey(r, key))
    },
    async dependents(sql, key) {
      const r = await resolved(sql)
      return dependentsOf(sql, r.table, byKey(r, key))
    },
  }
}

function said(values: Fields): string {
  return String(values['slug'] ?? values['email'] ?? Object.values(values)[0])
}

function named(mapping: EntityMapping | undefined, name: string, place: string): EntityMapping {
  if (mapping !== undefined) return mapping
  throw new OnboardError(
    'waiting',
    'capability-unavailable',
    `the product has no ${name}s: nothing is mapped at ${place} in onboard.config.yaml`,
  )
}

/** The column of a field and what of the field's name is left as a path inside it: the longest mapped name wins. */
function columnFor(
  mapping: EntityMapping,
  field: string,
): { column: string; path: string[]; name: string } | undefined {
  const parts = field.split('.')
  for (let n = parts.length; n > 0; n--) {
    const name = parts.slice(0, n).join('.')
    const column = Object.hasOwn(mapping.columns, name) ? mapping.columns[name] : undefined
    if (column !== undefined) return { column, path: parts.slice(n), name }
  }
  return undefined
}

/** Checks the mapping against the catalogue. */
async function resolve(sql: Queries, mapping: EntityMapping, place: string): Promise<Resolved> {
  const table = await describeTable(sql, mapping.table, `${place}.table`)
  for (const [field, name] of Object.entries(mapping.columns))
    columnOf(table, name, `${place}.columns.${field}`, 'mapping')
  for (const name of Object.keys(mapping.defaults ?? {})) columnOf(table, name, `${place}.defaults`, 'mapping')
  const key = columnOf(table, mapping.key, `${place}.key`, 'mapping')
  const slots = new Map<string, Slot>()
  return {
    table,
    key: { field: 'key', column: key, path: [], where: `${place}.key` },
    slot(field) {
      const known = slots.get(field)
      if (known !== undefined) return known
      const found = columnFor(mapping, field)
      if (found === undefined) {
        throw new OnboardError(
          'waiting',
          'capability-unavailable',
          `the product has no place for ${field}: it is not mapped at ${place}.columns`,
        )
      }
      const where = `${place}.columns.${found.name}`
      const column = columnOf(table, found.column, where, 'mapping')
      if (found.path.length > 0 && column.sort !== 'json' && column.sort !== 'jsonb') {
        throw new OnboardError(
          'invalid',
          'mapping',
          `${where}: column ${column.name} is ${column.type}; to hold ${field} it must be jsonb`,
        )
      }
      const values = mapping.values?.[field]
      const slot: Slot = {
        field,
        column,
        path: found.path,
        where: values === undefined ? where : `${place}.values.${field}`,
        ...(values === undefined ? {} : { values: new Map<string, Json>(Object.entries(values)) }),
      }
      slots.set(field, slot)
      return slot
    },
  }
}

/**
 * Whether a secret's column is set, without reading it: by `has_…` where the product offers that, so that a reader
 * needs no right to the secret.
 */
function presence(r: Resolved, field: string, has: (field: string) => boolean): Look {
  const shown = `has_${field}`
  return has(shown) ? { slot: { ...r.slot(shown), field } } : { slot: r.slot(field), present: true }
}

function defaultsOf(
  table: Table,
  mapping: EntityMapping,
  place: string,
): (readonly [Slot, { readonly value: Json }])[] {
  return Object.entries(mapping.defaults ?? {}).map(([name, value]) => {
    const where = `${place}.defaults.${name}`
    return [{ field: name, column: columnOf(table, name, where, 'mapping'), path: [], where }, { value }] as const
  })
}

/** Refuses an insert that the table would refuse for want of a value, and says which line of the config gives one. */
function complete(table: Table, given: readonly string[], place: string): void {
  const missing = [...table.columns.values()].filter((c) => c.required && !given.includes(c.name)).map((c) => c.name)
  if (missing.length === 0) return
  throw new OnboardError(
    'invalid',
    'mapping',
    `${place}.defaults: new rows of ${table.name} need a value for ${missing.join(', ')}; `
      + 'give one there, or a default in the database',
  )
}
