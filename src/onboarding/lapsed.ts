/** What was done behind a waiver stays done when the waiver has ended. */
import { waiverHolds } from '../engine/readiness.ts'
import type { StepRecord } from '../engine/records.ts'
import type { Walk } from '../engine/walk.ts'
import type { Seen } from './status.ts'

type Stood = NonNullable<Seen['past']>

/**
 * The same steps; one that waits for nothing but steps whose waivers have ended, and that had its turn while they held, says
 * how that ended (`past`). `apply` still goes no further until those are settled or waived anew.
 * @param seen in the order of the walk
 * @param now ISO 8601 instant
 */
export function behindLapsed(walk: Walk, seen: readonly Seen[], now: string): readonly Seen[] {
  if (!seen.some(({ turn: { record } }) => lapsed(record, now))) return seen
  const open = new Set<string>()
  return seen.map((one) => {
    const { turn, state } = one
    const name = `${turn.key.phase}.${turn.key.step}`
    if (state.state === 'settled' || (state.state === 'ready' && state.outputs !== undefined)) return one
    const needs = turn.readiness.state === 'blocked' && turn.readiness.why === 'needs'
    const free = !needs || walk.needsOf(turn.phase, turn.step).every((needed) => !open.has(needed))
    if (free && lapsed(turn.record, now)) return one
    const past = needs && free ? ended(turn.record, now) : null
    if (past !== null) return { ...one, past }
    open.add(name)
    return one
  })
}

function lapsed(record: StepRecord | undefined, now: string): boolean {
  return record?.waived ? !waiverHolds(String(record.waived.facts['until']), now) : false
}

/** How its last turn ended; null where it is open. */
function ended(record: StepRecord | undefined, now: string): Stood | null {
  if (record === undefined || record.failed || record.undone) return null
  if (record.waived && !lapsed(record, now)) return 'waived'
  const { done, attested, word, probed, skipped } = record
  const seen = probed?.facts['result'] === 'pass' || probed?.facts['result'] === 'warn'
  if (done || attested || seen || (word && word.kind !== 'rejected')) return 'done'
  return skipped ? 'skipped' : null
}
