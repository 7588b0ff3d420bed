import { keyText } from '../engine/keys.ts'
import type { JournalEntry, Work } from '../engine/ports.ts'
import { waiverHolds } from '../engine/readiness.ts'
import type { JsonObject } from '../model.ts'

/** A permission to pass over a step until a day. */
export interface WaiverLine {
  readonly onboarding: string
  /** `phase.step`, with `/instance` where it repeats. */
  readonly step: string
  /**
   * holds: through its last day. ended: the step is open again. replaced: another one took its place. void: a rollback
   * took it back.
   */
  readonly state: 'holds' | 'ended' | 'replaced' | 'void'
  /** Last day on which it holds, `YYYY-MM-DD`. */
  readonly until: string
  /** ISO 8601 instant. */
  readonly at: string
  /** null: erased on request. */
  readonly by: string | null
  readonly role: string
  readonly reason: string | null
}

/** Every waiver of an onboarding, oldest first. */
export async function waiversOf(
  { onboarding, inputs, reading }: Pick<Work, 'onboarding' | 'inputs' | 'reading'>,
): Promise<WaiverLine[]> {
  const today = String(inputs.onboarding['today'])
  return reading(async (_read, { entries }) => {
    const given = entries.filter(({ kind, key }) => kind === 'waived' && key !== null)
    const undone = new Set(entries.filter(({ kind }) => kind === 'undone').map(({ facts }) => facts['of']))
    return given.map((entry, at) => {
      const name = nameOf(entry)
      const until = String(entry.facts['until'])
      const replaced = given.slice(at + 1).some((later) => nameOf(later) === name)
      const lasts = waiverHolds(until, today) ? 'holds' : 'ended'
      const { name: by } = (entry.detail['by'] ?? {}) as JsonObject
      const { reason } = entry.detail
      return {
        onboarding: onboarding.key, step: name, until, at: entry.at,
        state: undone.has(entry.seq) ? 'void' : replaced ? 'replaced' : lasts,
        by: typeof by === 'string' ? by : null,
        role: String(entry.facts['role']),
        reason: typeof reason === 'string' ? reason : null,
      }
    })
  })
}

function nameOf({ key }: JournalEntry): string {
  return key === null ? '' : keyText(key)
}
