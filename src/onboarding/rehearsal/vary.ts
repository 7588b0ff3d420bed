/** One handoff for many tests: its file, with what a test changes of it. */
import { parseOnly } from '../../input/document.ts'
import { withValue } from '../../input/edit-yaml.ts'
import { isObject, type Json, type JsonObject } from '../../model.ts'
import type { HandoffSource } from '../handoff.ts'

/**
 * The file with other values in it: maps are merged, all else is replaced. A file with faults stays as it is: they are
 * said first.
 */
export function varied(source: HandoffSource, but: JsonObject | undefined): HandoffSource {
  if (but === undefined || parseOnly(source.bytes, { file: source.file }).diagnostics.length > 0) return source
  const bytes = leaves(but, []).reduce((made, [path, value]) => withValue(made, path, value), source.bytes)
  return { ...source, bytes }
}

function leaves(value: Json, path: readonly string[]): (readonly [path: readonly string[], value: Json])[] {
  if (!isObject(value) || Object.keys(value).length === 0) return path.length === 0 ? [] : [[path, value]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
}
