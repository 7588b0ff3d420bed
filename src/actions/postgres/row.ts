import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Change, Json, JsonObject } from '../../model.ts'
import { dependentsOf } from '../../product/dependents.ts'
import { filledSince } from '../../product/filled.ts'
import type { Cell } from '../../product/port.ts'
import { backward, differences, type Exact, forward } from '../../product/restore.ts'
import { deleteRow, findRow, insertRow, type Match, updateRow } from '../../product/rows.ts'
import type { Slot } from '../../product/slot.ts'
import { columnOf, type Table, tableOf } from '../../product/table.ts'

interface Seen {
  readonly row: { readonly [column: string]: Cell } | null
}

interface RowChange extends Change {
  readonly table: string
  readonly key: JsonObject
  readonly after: JsonObject
  readonly exact: Exact
}

interface Place {
  readonly table: Table
  readonly match: readonly Match[]
  slot(column: string): Slot
}

/**
 * A row of any table of the database: made where it is missing, else brought up to date in the columns named, and in
 * no other.
 */
export default defineAction({
  title: 'Keeps a row of any table: inserts it where its key is missing, else sets the columns named and no other.',
  example: { table: 'regions', key: { code: 'eu-1' }, set: { label: 'Frankfurt', capacity: 200 } },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['table', 'key'],
    properties: {
      table: { type: 'string', minLength: 1, description: 'Table, or schema.table.' },
      key: {
        type: 'object',
        minProperties: 1,
        description: 'Columns and values by which the row is found; at most one row may match.',
      },
      set: {
        type: 'object',
        default: {},
        description: 'Columns and values. Large numbers and times as text; null is NULL.',
      },
      returning: {
        type: 'array',
        items: { type: 'string' },
        description: 'Further columns for outputs.row, besides key, set and the primary key.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['row'],
    properties: { row: { type: 'object', description: 'The row by column.' } },
  },
  where: 'database',
  // Two steps may keep different columns of one row.
  owns: ({ table, key, set = {} }) => {
    const row = `table/${table}/${JSON.stringify(key)}`
    const columns = typeof set === 'object' ? Object.keys(set) : []
    return columns.length === 0 ? [row] : columns.map((column) => `${row}/${column}`)
  },

  async check(read, input): Promise<Seen> {
    const place = await locate(read, input.table, input.key)
    const set = input.set ?? {}
    refuseContradiction(input.table, input.key, set)
    for (const column of Object.keys(set)) refuseGenerated(place, column)
    const also = [
      ...[...place.table.columns.values()].filter((c) => c.primary).map((c) => c.name),
      ...(input.returning ?? []),
    ]
    const found = await findRow(
      read,
      place.table,
      named(input.table, input.key),
      (place.match[0] as Match).slot,
      place.match,
      [
        ...Object.entries(input.key).map(([column, want]) => ({ slot: place.slot(column), want })),
        ...Object.entries(set).map(([column, want]) => ({ slot: place.slot(column), want })),
        ...also
          .filter((column) => !(column in input.key) && !(column in set))
          .map((column) => ({ slot: place.slot(column) })),
      ],
    )
    return { row: found?.cells ?? null }
  },

  plan(input, seen): RowChange | null {
    const about = { target: named(input.table, input.key), table: input.table, key: input.key }
    if (seen.row === null) return { ...about, before: null, after: { ...input.key, ...input.set }, exact: {} }
    const found = differences(seen.row, input.set ?? {})
    return found && { ...about, ...found }
  },

  async apply(write, change) {
    const { table, match, slot } = await locate(write, change.table, change.key)
    if (change.before === null) {
      return insertRow(
        write,
        table,
        change.target,
        Object.entries(change.after).map(([column, value]) => [slot(column), { value }] as const),
      )
    }
    const changes = Object.entries(forward(change.exact, change.after)).map(([column, one]) => ({
      slot: slot(column),
      ...one,
    }))
    await updateRow(write, table, change.target, match, changes)
  },

  outputs: (_input, seen) => ({
    row: Object.fromEntries(Object.entries(seen.row ?? {}).map(([column, cell]) => [column, cell.value])),
  }),

  async undo(write, change, after) {
    const { table, match, slot } = await locate(write, change.table, change.key)
    if (after.row === null) return
    if (change.before !== null) {
      const changes = Object.entries(backward(change.exact, after.row)).map(([column, one]) => ({
        slot: slot(column),
        ...one,
      }))
      return updateRow(write, table, change.target, match, changes)
    }
    const dependents = await dependentsOf(write, table, match)
    if (dependents.length > 0) {
      throw new OnboardError(
        'conflict',
        'has-dependents',
        `${change.target} stays: rows of ${dependents.join(', ')} refer to it`,
      )
    }
    const filled = await filledSince(write, table, match, Object.keys(after.row))
    if (filled.length > 0) {
      throw new OnboardError(
        'conflict',
        'filled-since',
        `${change.target} stays: somebody has written ${filled.join(', ')} since; deleting it would lose that`,
      )
    }
    await deleteRow(
      write,
      table,
      change.target,
      match,
      Object.entries(after.row).map(([column, cell]) => ({ slot: slot(column), from: cell.exact })),
    )
  },
})

function named(table: string, key: JsonObject): string {
  return `${table} ${Object.entries(key)
    .map(([column, value]) => `${column}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')}`
}

async function locate(read: Reader, name: string, key: JsonObject): Promise<Place> {
  const table = await tableOf(read, name, 'table')
  if (table.schema === 'onboard') {
    throw new OnboardError('forbidden', 'own-schema', `table ${name} is onboard's own: no step writes there`)
  }
  const slot = (column: string): Slot => ({
    field: column,
    column: columnOf(table, column, `table ${name}`, 'no-such-column'),
    path: [],
    where: column,
  })
  return { table, slot, match: Object.entries(key).map(([column, value]) => ({ slot: slot(column), value })) }
}

function refuseContradiction(table: string, key: JsonObject, set: { readonly [column: string]: Json }): void {
  const both = Object.keys(set).filter((column) => column in key)
  if (both.length === 0) return
  throw new OnboardError(
    'invalid',
    'key-and-set',
    `table ${table}: ${both.join(', ')} stands in key and in set; a key is not changed, so leave it out of set`,
  )
}

function refuseGenerated(place: Place, name: string): void {
  if (!place.slot(name).column.generated) return
  throw new OnboardError(
    'invalid',
    'generated-column',
    `table ${place.table.name}: column ${name} is computed by the database and cannot be set`,
  )
}
