import { parseOnly } from '../input/document.ts'
import { withValue } from '../input/edit-yaml.ts'
import type { JsonObject } from '../model.ts'
import { checkHandoff, type CheckedHandoff, type HandoffSource } from './handoff.ts'
import type { Revision } from './revise.ts'

/** A version of an input as it is stored. */
export interface GivenVersion {
  readonly version: number
  /** sha256 (hex) of the canonical document. */
  readonly digest: string
  /** The bytes that were handed in. */
  readonly source: Uint8Array
}

interface Sources {
  readonly handoff: HandoffSource
  /** Where it does not stand in the handoff's own file. */
  readonly discovery: HandoffSource | undefined
}

/** Checks what is handed in together with what stays: a handoff with the stored discovery, or the other way round. */
export function checkRevision({ work, stored, handoff, discovery, config, today }: Revision): {
  readonly checked: CheckedHandoff
  readonly sources: Sources
} {
  const kept = storedHandoff(work.onboarding.key, stored.handoff)
  const main = handoff ?? (discovery === undefined
    ? kept
    : { ...kept, bytes: withValue(kept.bytes, ['discovery'], undefined) })
  const before = work.inputs.discovery
  const beside = discovery
    ?? (holdsDiscovery(main) || before === null ? undefined : asSource(work.onboarding.key, before))
  const checked = checkHandoff(main, { discovery: beside, today, config })
  return { checked, sources: { handoff: handoff ?? kept, discovery: beside } }
}

function storedHandoff(customer: string, stored: GivenVersion | null): HandoffSource {
  return { bytes: stored?.source ?? new Uint8Array(), file: `handoff of ${customer}, version ${stored?.version ?? 0}` }
}

function asSource(customer: string, discovery: JsonObject): HandoffSource {
  return { bytes: Buffer.from(JSON.stringify(discovery)), file: `discovery of ${customer}` }
}

function holdsDiscovery({ bytes, file }: HandoffSource): boolean {
  const { value } = parseOnly(bytes, { file })
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'discovery' in value
}
