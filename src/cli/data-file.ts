import { OnboardError } from '../errors.ts'
import { parseOnly } from '../input/document.ts'
import type { JsonObject } from '../model.ts'

/** An object in YAML or JSON, as a person wrote it. Throws invalid with every finding. */
export function dataIn(bytes: Uint8Array, file: string): JsonObject {
  const { value, diagnostics } = parseOnly(bytes, { file })
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`
    throw new OnboardError('invalid', 'data-invalid', `${file} has ${count}`, { diagnostics })
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonObject
  throw new OnboardError('invalid', 'data-invalid', `${file} is to hold names and values`)
}
