import type { JsonObject } from '../../model.ts'
import { type Chosen, chosenOf } from './chosen.ts'
import { ScimError } from './error.ts'
import type { Filter } from './filter/filter.ts'
import { parseFilter } from './filter/parse.ts'
import { type Columns, filterSql } from './filter/sql.ts'
import { placeOf, type ResourceType } from './schema.ts'
import type { Query } from '../sql.ts'

/** What a list was asked for (RFC 7644 §3.4.2). */
export interface Wish {
  readonly filter: Filter | null
  /** From 1. */
  readonly start: number
  readonly count: number
  readonly sortBy: string | null
  readonly descending: boolean
  readonly chosen: Chosen
}

/** No page has more (ServiceProviderConfig says so). */
export const MOST_RESULTS = 200
const USUAL_RESULTS = 100

/** Parameters of a query, or the body of a search → a wish. Throws ScimError 400. */
export function wishOf(given: Readonly<Record<string, unknown>>, chosen: Chosen): Wish {
  const text = (name: string) => (typeof given[name] === 'string' && given[name] !== '' ? given[name] : null)
  const number = (name: string, usual: number): number => {
    const value = given[name]
    if (value === undefined || value === '') return usual
    const whole = Number(value)
    if (!Number.isInteger(whole))
      throw new ScimError(400, 'invalidValue', `${name} is ${JSON.stringify(value)}, not a whole number`)
    return whole
  }
  const filter = text('filter')
  const order = text('sortOrder')?.toLowerCase() ?? 'ascending'
  if (order !== 'ascending' && order !== 'descending')
    throw new ScimError(400, 'invalidValue', 'sortOrder is ascending or descending')
  return {
    filter: filter === null ? null : parseFilter(filter),
    // Below 1 is 1, and below 0 is 0 (RFC 7644 §3.4.2.4).
    start: Math.max(number('startIndex', 1), 1),
    count: Math.min(Math.max(number('count', USUAL_RESULTS), 0), MOST_RESULTS),
    sortBy: text('sortBy'),
    descending: order === 'descending',
    chosen,
  }
}

/** Of which table a list is, and how its rows become resources. */
export interface Listed {
  readonly type: ResourceType
  readonly columns: Columns
  /** `users u`, with the tenant as `$1`. */
  readonly from: string
  readonly where: string
  /** Expression of the key, by which equal ones are told apart. */
  readonly key: string
  /** Resources of the rows with these keys, in their order. */
  resources(query: Query, tenant: string, keys: readonly string[], wish: Wish): Promise<readonly JsonObject[]>
}

/** One page of a list as a ListResponse. Keys first, so that a page far back reads no row that it does not show. */
export async function pageOf(query: Query, tenant: string, wish: Wish, listed: Listed): Promise<JsonObject> {
  const { type, columns, from, where, key, resources } = listed
  const condition = wish.filter === null ? null : filterSql(type, wish.filter, columns, 2)
  const matching = `FROM ${from} WHERE ${where}${condition === null ? '' : ` AND ${condition.sql}`}`
  const params = [tenant, ...(condition?.params ?? [])]
  const order =
    wish.sortBy === null ? '' : `${sortSql(wish.sortBy, listed)} ${wish.descending ? 'DESC' : 'ASC'} NULLS LAST, `
  const window = `ORDER BY ${order}${key} LIMIT ${wish.count} OFFSET ${wish.start - 1}`
  // Made a text outside: inside it would be done for each row that is skipped, which costs more than to skip it.
  const page = `SELECT one.key::text AS key FROM (SELECT ${key} AS key ${matching} ${window}) one`
  const kept = isMatch(wish) ? 'kept' : undefined
  const keys = wish.count === 0 ? [] : (await query<{ key: string }>(page, params, kept)).map((one) => one.key)
  // A page that is not full ends the list, unless it lies behind the end: there is nothing to count.
  const isEnd = keys.length < wish.count && (keys.length > 0 || wish.start === 1)
  const total = isEnd
    ? wish.start - 1 + keys.length
    : Number((await query<{ count: string }>(`SELECT count(*) ${matching}`, params))[0]?.count)
  const found = keys.length === 0 ? [] : await resources(query, tenant, keys, wish)
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex: wish.start,
    itemsPerPage: found.length,
    Resources: found.map((one) => chosenOf(type, one, wish.chosen)),
  }
}

/** What a directory asks before each change: who has this name? Of such texts there are as many as attributes. */
function isMatch({ filter, start, count, sortBy }: Wish): boolean {
  return filter?.kind === 'compare' && filter.op === 'eq' && start === 1 && count === USUAL_RESULTS && sortBy === null
}

function sortSql(path: string, { type, columns }: Listed): string {
  const place = placeOf(type, path)
  const column = place === undefined ? undefined : columns.one(place)
  if (place === undefined || column === undefined)
    throw new ScimError(400, 'invalidPath', `${type.name}s cannot be sorted by ${path}`)
  const { type: kind, caseExact } = place.sub ?? place.attribute
  return kind === 'string' ? `${caseExact ? column.sql : `lower(${column.sql})`} COLLATE "C"` : column.sql
}
