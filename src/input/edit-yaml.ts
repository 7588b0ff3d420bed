import { parseDocument } from 'yaml'

/**
 * The bytes of a YAML (or JSON) file with one value set, or taken out where it is undefined; comments and the order of
 * keys stay. The file must be one that was read without findings.
 */
export function withValue(bytes: Uint8Array, path: readonly string[], value: unknown): Uint8Array {
  const document = parseDocument(Buffer.from(bytes).toString('utf8'))
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, document.createNode(value, { flow: true }))
  return Buffer.from(document.toString({ lineWidth: 0 }))
}
