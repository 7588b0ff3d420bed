import { keyText } from '../engine/keys.ts'
import type { JournalEntry } from '../engine/ports.ts'
import type { JsonObject, Person } from '../model.ts'

/** Who a step was given to, by its name as `keyText` writes it: the latest word on each, of those not given back. */
export function assignedOf(entries: readonly JournalEntry[]): ReadonlyMap<string, Person> {
  const assigned = new Map<string, Person>()
  for (const { kind, key, detail } of entries) {
    if (kind !== 'assigned' || key === null) continue
    const to = detail['to'] as JsonObject | undefined
    // null: given back; undefined: erased on request.
    if (to === null || to === undefined) assigned.delete(keyText(key))
    else assigned.set(keyText(key), to as unknown as Person)
  }
  return assigned
}
