import { createHash } from 'node:crypto'
import type { Diagnostic } from '../errors.ts'
import { parseOnly } from '../input/document.ts'
import { dotted } from '../input/tree.ts'
import { escaped, shown } from '../input/unsafe.ts'
import type { JsonObject } from '../model.ts'
import { differences } from './difference.ts'
import type { HandoffSource } from './handoff.ts'
import type { StoredInput } from './intake-store.ts'

/**
 * Where an input differs from the one that was accepted, field by field, placed in the new file. [] where the bytes are
 * the same, even if defaults of the config made something else of them since.
 * @param prefix of the document's fields in the file
 */
export function differenceFrom(
  stored: StoredInput | undefined, document: JsonObject | null, source: HandoffSource, prefix: readonly string[] = [],
): Diagnostic[] {
  if (stored === undefined || document === null) return []
  if (createHash('sha256').update(source.bytes).digest('hex') === stored.source_digest) return []
  const file = parseOnly(source.bytes, { file: source.file })
  return differences(stored.document, document).map(({ path, before, after }) => {
    const whole = [...prefix, ...path]
    const field = dotted(whole)
    const was = before === undefined ? 'is not in what was accepted' : `was accepted as ${shown(before)}`
    const is = after === undefined ? 'is missing here' : `is ${shown(after)} here`
    return {
      ...file.locate(whole), field, rule: 'differs', severity: 'error', message: `${escaped(field)} ${was} and ${is}`,
    }
  })
}
