import type { Head, Work } from '../engine/ports.ts'
import { heldBy, timesOf, type Hold } from '../engine/times.ts'
import { OnboardError } from '../errors.ts'
import type { Person } from '../model.ts'

export interface HoldResult {
  readonly onboarding: string
  readonly outcome: 'held' | 'resumed' | 'unchanged'
  /** ISO 8601 instant of its beginning; null where it is not held. */
  readonly since: string | null
  readonly by: string | null
  readonly reason: string | null
  readonly head: Head | null
}

/**
 * Stops the clocks of an onboarding: nothing is done for it until it is resumed, and the days of the hold are not
 * counted as days of work. The same again changes nothing. Throws usage without a reason, conflict where it is held for
 * another.
 */
export async function hold(
  work: Work, { by, reason }: { readonly by: Person | null; readonly reason: string },
): Promise<HoldResult> {
  const { key } = work.onboarding
  if (reason.trim() === '') {
    throw new OnboardError(
      'usage', 'reason-missing', 'a hold needs a reason', { suggestions: [`onboard hold ${key} --reason TEXT`] },
    )
  }
  const held = heldBy(await timesIn(work))
  if (held !== null && held.reason === reason) return { onboarding: key, outcome: 'unchanged', ...of(held), head: null }
  if (held !== null) {
    throw new OnboardError(
      'conflict', 'held-already',
      `${key} is held since ${held.since.slice(0, 10)} by ${held.by ?? '(erased)'}: ${held.reason ?? '(erased)'}`,
      { suggestions: [`onboard resume ${key}`, `onboard status ${key}`] },
    )
  }
  const head = await work.append({
    kind: 'held', key: null, run: null, facts: {}, detail: { reason, ...said(work, by) },
  })
  const now = heldBy(await timesIn(work))
  return { onboarding: key, outcome: 'held', since: now?.since ?? null, by: now?.by ?? null, reason, head }
}

/** Lets the clocks go on. Where it is not held nothing changes. */
export async function resume(work: Work, { by }: { readonly by: Person | null }): Promise<HoldResult> {
  const held = heldBy(await timesIn(work))
  const nothing = { onboarding: work.onboarding.key, since: null, by: null, reason: null }
  if (held === null) return { ...nothing, outcome: 'unchanged', head: null }
  const head = await work.append({
    kind: 'resumed', key: null, run: null, facts: { since: held.since }, detail: said(work, by),
  })
  return { ...nothing, outcome: 'resumed', head }
}

/** Whose word an entry is, and who wrote it. */
export function said(work: Pick<Work, 'actor'>, by: Person | null) {
  return { ...(by === null ? {} : { by: { ...by } }), recorder: { ...work.actor } }
}

export function timesIn(work: Work) {
  return work.reading(async (_read, look) => timesOf(look.entries))
}

function of({ since, by, reason }: Hold): Pick<HoldResult, 'since' | 'by' | 'reason'> {
  return { since, by, reason }
}
