/** What was done stays done when something before it is open again, as long as it is about the same. */
import type { Work } from '../engine/ports.ts'
import { waiverHolds } from '../engine/readiness.ts'
import { recorded, type Recorded } from '../engine/recorded.ts'
import type { Turn, Walk } from '../engine/walk.ts'
import type { Json } from '../model.ts'

/** How a step ended, as far as that still holds. */
export interface Stood {
  readonly as: 'done' | 'skipped' | 'waived'
  readonly outputs: Json
}

/**
 * Where a step would stand that had its turn and waits for nothing but others now, were those settled; null: it is
 * none. `apply` goes no further until they are.
 * @param now ISO 8601 instant
 */
export async function behindOthers(work: Work, walk: Walk, turn: Turn, now: string): Promise<Recorded | null> {
  const { readiness, record } = turn
  const waits = readiness.state === 'blocked' && readiness.why === 'needs'
  return waits && record !== undefined ? recorded(work, walk.asIfMet(turn), now) : null
}

/** null: its turn has not ended, or what it was about has changed since. */
export function stood(behind: Recorded | null | undefined, { record }: Turn): Stood | null {
  if (behind?.state === 'settled') {
    return { as: behind.as === 'unchanged' ? 'done' : behind.as, outputs: behind.outputs }
  }
  // Evidence that is only too old does not unsettle it.
  const aged = behind?.state === 'ready' && behind.outputs !== undefined && !record?.overtaken
  return aged ? { as: 'done', outputs: behind.outputs ?? null } : null
}

/** Was it passed over until a day that is gone? */
export function lapsed({ record }: Turn, { inputs }: Pick<Work, 'inputs'>): boolean {
  return record?.waived ? !waiverHolds(String(record.waived.facts['until']), String(inputs.onboarding['today'])) : false
}
