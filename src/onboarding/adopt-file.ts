import { OnboardError, type Diagnostic, type Position } from '../errors.ts'
import { readDocument } from '../input/document.ts'
import { shippedSchema } from '../input/shipped.ts'
import type { JsonObject } from '../model.ts'

/** What a person did or said in the past. */
export interface Attested {
  readonly by: string
  readonly date: string
  readonly evidence?: readonly string[]
  readonly note?: string
  readonly values?: JsonObject
}

/** What the file says of one step: its rows are there, or somebody gave it. */
export type PastStep = 'found' | Attested

export interface AdoptFile {
  readonly customer: string
  /** By `phase.step` with its instance. */
  readonly steps: ReadonlyMap<string, PastStep>
  /** Where a step stands in the file, or a field of it. */
  at(step: string, ...field: string[]): Position
}

/** The bytes of an adopt file → what it says. Throws invalid with every finding. */
export function readAdoptFile(bytes: Uint8Array, file: string): AdoptFile {
  const document = readDocument(bytes, { file, schema: shippedSchema('adopt') })
  const errors = document.diagnostics.filter(({ severity }) => severity === 'error')
  if (document.value === undefined || errors.length > 0) throw adoptInvalid(file, errors)
  const { adopt, steps } = document.value as unknown as { adopt: string; steps: Record<string, PastStep> }
  return {
    customer: adopt, steps: new Map(Object.entries(steps)),
    at: (step, ...field) => document.locate(['steps', step, ...field]),
  }
}

/** All that is wrong with an adopt file, as one error. */
export function adoptInvalid(
  file: string, diagnostics: readonly Diagnostic[], suggestions: readonly string[] = [],
): OnboardError {
  const count = diagnostics.length === 1 ? 'one mistake' : `${diagnostics.length} mistakes`
  const [first] = diagnostics
  return new OnboardError(
    'invalid', 'adopt-invalid', `${file} has ${count}; nothing was adopted`,
    { diagnostics, suggestions, ...(first === undefined ? {} : { at: first }) },
  )
}
