import type { Json, JsonObject } from '../model.ts'
import type { Cell } from './port.ts'

/** What the database had for each field that was changed, as its own text. */
export type Exact = { readonly [field: string]: string | null }

/** The fields whose cells differ from what was wanted: before → after for people, and the exact text for undoing. */
export function differences(
  cells: { readonly [field: string]: Cell },
  want: { readonly [field: string]: Json },
): {
  readonly before: JsonObject
  readonly after: JsonObject
  readonly exact: Exact
} | null {
  const differing = Object.entries(want).filter(([field]) => cells[field]?.same === false)
  if (differing.length === 0) return null
  return {
    before: Object.fromEntries(differing.map(([field]) => [field, cells[field]?.value ?? null])),
    after: Object.fromEntries(differing),
    exact: Object.fromEntries(differing.map(([field]) => [field, cells[field]?.exact ?? null])),
  }
}

type Changes = {
  readonly [field: string]: {
    readonly from?: string | null
    readonly to: { readonly value: Json } | { readonly exact: string | null }
  }
}

/** Writes: each field from what was seen to what is wanted. */
export function forward(exact: Exact, after: JsonObject): Changes {
  return Object.fromEntries(
    Object.entries(exact).map(([field, from]) => [field, { from, to: { value: after[field] ?? null } }]),
  )
}

/** Undoes: each field from what the step had left to what was there before it. */
export function backward(exact: Exact, after: { readonly [field: string]: Cell }): Changes {
  return Object.fromEntries(
    Object.entries(exact).map(([field, to]) => [field, { from: after[field]?.exact ?? null, to: { exact: to } }]),
  )
}
