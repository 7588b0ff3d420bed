import { isObject, type Json } from '../model.ts'

export interface FieldDifference {
  /** Path of the field: keys, and indices of lists. */
  readonly path: readonly (string | number)[]
  /** undefined: it is not there. */
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/** Two JSON values, field by field: only the smallest parts that differ. */
export function differences(
  before: Json | undefined, after: Json | undefined, path: readonly (string | number)[] = [],
): FieldDifference[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) => differences(before[key], after[key], [...path, key]))
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, i) => differences(item as Json, after[i] as Json, [...path, i]))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }]
}
