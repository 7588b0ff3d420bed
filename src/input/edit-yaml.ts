import { parseDocument } from 'yaml'

/**
 * The bytes of a YAML or JSON file with one value set, or taken out where it is undefined; comments and the order of
 * keys stay. The file must be one that was read without findings.
 */
export function withValue(bytes: Uint8Array, path: readonly string[], value: unknown): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8')
  const json = asJson(text)
  if (json !== undefined) return Buffer.from(`${JSON.stringify(changed(json, path, value), null, 2)}\n`)
  const document = parseDocument(text)
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, document.createNode(value, { flow: true }))
  return Buffer.from(document.toString({ lineWidth: 0 }))
}

type Object_ = Readonly<Record<string, unknown>>

/** undefined: it is YAML of the other sort. */
function asJson(text: string): Object_ | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function changed(object: Object_, [key = '', ...rest]: readonly string[], value: unknown): Object_ {
  const inside = object[key]
  const next = rest.length === 0 ? value : changed(isObject(inside) ? inside : {}, rest, value)
  if (rest.length > 0 && value === undefined && !isObject(inside)) return object
  return { ...object, [key]: next } // what is undefined is not written
}

function isObject(value: unknown): value is Object_ {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
