import { ScimError } from '../error.ts'
import { type Attribute, named, type Place, placeOf, type ResourceType } from '../schema.ts'
import { asBoolean } from './evaluate.ts'
import type { Comparison, Filter, Literal } from './filter.ts'

/** Where the attributes of a resource type are kept. */
export interface Columns {
  /** SQL of an attribute with one value, `sure` where it is never null; undefined: it is kept nowhere. */
  one(place: Place): { readonly sql: string; readonly sure?: boolean } | undefined
  /** A list: what follows FROM, with `e` for an element; the SQL of its sub-attributes, or of it where it has none. */
  list(place: Place): List | undefined
}

interface List {
  readonly from: string
  readonly value?: string
  sub(attribute: Attribute): string
  /** A condition that holds wherever an element has this text there, without regard to case; an index serves it. */
  narrow?(attribute: Attribute, text: string): string | undefined
}

/** A condition with its parameters, numbered from the first one that is free. */
export interface Condition {
  readonly sql: string
  readonly params: readonly unknown[]
}

/**
 * A filter as SQL with bound values. Every condition is true or false, never null, so that `not` is its opposite.
 * `first` is the number of its first parameter.
 * Throws ScimError 400 invalidFilter for an attribute that is not there or an operator that its type does not have.
 */
export function filterSql(type: ResourceType, filter: Filter, columns: Columns, first: number): Condition {
  const params: unknown[] = []
  const bind = (value: unknown, cast: string): string => `$${first - 1 + params.push(value)}::${cast}`
  return { sql: whole(filter), params }

  function whole(node: Filter): string {
    switch (node.kind) {
      case 'and':
      case 'or':
        return `(${node.of.map(whole).join(node.kind === 'and' ? ' AND ' : ' OR ')})`
      case 'not':
        return `NOT ${whole(node.of)}`
      case 'element': {
        const place = known(node.path)
        const list = columns.list(place)
        if (list === undefined) throw wrong(`${node.path} is no list`)
        const test = `EXISTS (SELECT FROM ${list.from} WHERE ${element(node.of, place.attribute, list.sub)})`
        const near = equalities(node.of).map(({ path, value }) =>
          narrowed(list, named(place.attribute.sub, path), value),
        )
        return near.reduce<string>((all, one) => (one === undefined ? all : `(${one} AND ${all})`), test)
      }
      default: {
        const place = known(node.path)
        const list = columns.list(place)
        if (list === undefined) return single(node, place)
        // `emails co "x"` asks for the values of the list (RFC 7644 §3.4.2.2).
        const sub = place.sub ?? named(place.attribute.sub, 'value')
        if (list.value !== undefined) {
          if (node.kind === 'present') return `EXISTS (SELECT FROM ${list.from})`
          return any(list, list.value, place.attribute, node.op, node.value)
        }
        if (sub === undefined) throw wrong(`${node.path} needs a sub-attribute`)
        if (node.kind === 'present') return `EXISTS (SELECT FROM ${list.from} WHERE ${present(list.sub(sub))})`
        return any(list, list.sub(sub), sub, node.op, node.value)
      }
    }
  }

  /** ne holds where no element has the value, and where there is none. */
  function any(list: List, expression: string, sub: Attribute, op: Comparison, value: Literal): string {
    const { from } = list
    if (value === null) return `${op === 'eq' ? 'NOT ' : ''}EXISTS (SELECT FROM ${from} WHERE ${present(expression)})`
    const test = compare(expression, sub, op === 'ne' ? 'eq' : op, value, false)
    const found = `EXISTS (SELECT FROM ${from} WHERE ${test})`
    const near = op === 'eq' ? narrowed(list, sub, value) : undefined
    return op === 'ne' ? `NOT ${found}` : near === undefined ? found : `(${near} AND ${found})`
  }

  /** What an index can find beforehand; it changes nothing of what is found. */
  function narrowed(list: List, sub: Attribute | undefined, value: Literal): string | undefined {
    if (sub?.type !== 'string' || typeof value !== 'string' || list.narrow?.(sub, '') === undefined) return undefined
    return list.narrow(sub, bind(value, 'text'))
  }

  function element(node: Filter, attribute: Attribute, at: (sub: Attribute) => string): string {
    switch (node.kind) {
      case 'and':
      case 'or':
        return `(${node.of.map((one) => element(one, attribute, at)).join(node.kind === 'and' ? ' AND ' : ' OR ')})`
      case 'not':
        return `NOT ${element(node.of, attribute, at)}`
      case 'element':
        throw wrong('a bracket stands in a bracket')
      default: {
        const sub = named(attribute.sub, node.path) ?? unknown(`${attribute.name}.${node.path}`)
        return node.kind === 'present' ? present(at(sub)) : scalar(at(sub), sub, node.op, node.value, false)
      }
    }
  }

  function single(node: Filter & { kind: 'present' | 'compare' }, place: Place): string {
    if (place.attribute.returned === 'never')
      throw new ScimError(403, 'sensitive', `${place.attribute.name} cannot be filtered by`)
    const column = columns.one(place)
    if (column === undefined) {
      if (place.attribute.type === 'complex' && place.sub === null) throw wrong(`${node.path} needs a sub-attribute`)
      throw wrong(`${node.path} cannot be filtered by`)
    }
    if (node.kind === 'present') return column.sure ? 'true' : present(column.sql)
    return scalar(column.sql, place.sub ?? place.attribute, node.op, node.value, column.sure === true)
  }

  function scalar(expression: string, attribute: Attribute, op: Comparison, value: Literal, sure: boolean): string {
    if (value === null) {
      if (op !== 'eq' && op !== 'ne') throw wrong(`null has no order`)
      return sure ? String(op === 'ne') : `${op === 'eq' ? 'NOT ' : ''}${present(expression)}`
    }
    return op === 'ne'
      ? `NOT ${compare(expression, attribute, 'eq', value, sure)}`
      : compare(expression, attribute, op, value, sure)
  }

  function compare(
    expression: string,
    attribute: Attribute,
    op: Comparison,
    value: Exclude<Literal, null>,
    sure: boolean,
  ): string {
    // Two conditions, and not coalesce, so that an index on the expression serves.
    const test = comparison(expression, attribute, op, value)
    return sure ? `(${test})` : `(${expression} IS NOT NULL AND ${test})`
  }

  function comparison(expression: string, attribute: Attribute, op: Comparison, value: Exclude<Literal, null>): string {
    if (attribute.type === 'boolean') {
      const wanted = asBoolean(value)
      if (op !== 'eq' || wanted === undefined)
        throw wrong(`${attribute.name} is compared by eq or ne with true or false`)
      return `${expression} = ${bind(wanted, 'boolean')}`
    }
    if (attribute.type === 'dateTime') {
      const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN
      if (Number.isNaN(instant) || ['co', 'sw', 'ew'].includes(op))
        throw wrong(`${attribute.name} is compared with an instant such as 2026-02-03T10:00:00Z`)
      return `${expression} ${SIGNS[op]} ${bind(new Date(instant).toISOString(), 'timestamptz')}`
    }
    const text = bind(String(value), 'text')
    const [left, right] = attribute.caseExact ? [expression, text] : [`lower(${expression})`, `lower(${text})`]
    // No LIKE: nothing in the value is a wildcard.
    if (op === 'co') return `strpos(${left}, ${right}) > 0`
    if (op === 'sw') return `starts_with(${left}, ${right})`
    if (op === 'ew') return `right(${left}, length(${right})) = ${right}`
    return op === 'eq' ? `${left} = ${right}` : `${left} COLLATE "C" ${SIGNS[op]} ${right}`
  }

  function known(path: string): Place {
    return placeOf(type, path) ?? unknown(path)
  }

  function unknown(path: string): never {
    throw wrong(`${type.name} has no attribute ${path}`)
  }
}

const SIGNS: Readonly<Record<string, string>> = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' }

/** Comparisons by eq that hold wherever the whole does. */
function equalities(node: Filter): readonly { readonly path: string; readonly value: Literal }[] {
  if (node.kind === 'compare') return node.op === 'eq' ? [node] : []
  return node.kind === 'and' ? node.of.flatMap(equalities) : []
}

function present(expression: string): string {
  return `(${expression} IS NOT NULL AND (${expression})::text <> '')`
}

function wrong(why: string): ScimError {
  return new ScimError(400, 'invalidFilter', `the filter cannot be applied: ${why}`)
}
