import type { Change, FieldChange, Json, PlannedAction } from '../model.ts'
import { UNKNOWN } from '../model.ts'
import { canonical, hasUnknown } from './digest.ts'

/** The fields of a change, before → after, in the order in which the action names them. */
export function fieldChanges(change: Change | null): readonly FieldChange[] {
  if (change === null) return []
  const fields = [...new Set([...Object.keys(change.before ?? {}), ...Object.keys(change.after ?? {})])]
  return fields
    .map((field) => ({
      field,
      before: change.before?.[field] ?? null,
      after: change.after?.[field] ?? null,
      unknown: false,
    }))
    .filter((f) => change.before === null || change.after === null || canonical(f.before) !== canonical(f.after))
}

/** A step's inputs as fields of something that does not exist yet; values that are known after apply are marked. */
export function inputFields(inputs: Readonly<Record<string, unknown>>): readonly FieldChange[] {
  return Object.entries(inputs).map(([field, value]) => {
    const unknown = value === UNKNOWN || hasUnknown(value)
    return { field, before: null, after: unknown ? null : (value as Json), unknown }
  })
}

/** `+`, `~`, `-` or `!`: what the change does, as plans show it. */
export function actionOf(change: Change): PlannedAction {
  if (change.before === null) return change.after === null ? 'run' : 'create'
  return change.after === null ? 'delete' : 'update'
}
