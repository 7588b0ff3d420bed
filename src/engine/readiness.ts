/** The only place that decides where a step stands. Plan, apply, status and sign ask it. */
import type { Ask } from '../contract.ts'
import type { Answer, Json, JsonObject, Step } from '../model.ts'
import type { Due } from '../runbook/dates.ts'
import { digest } from './digest.ts'
import type { StepRecord } from './records.ts'

export type Readiness =
  /** Its turn has come: look, and act where something differs. */
  | { readonly state: 'ready' }
  /** Nothing to do, and what needs it may go on. */
  | {
      readonly state: 'settled'
      readonly as: 'unchanged' | 'skipped' | 'waived'
      readonly reason: string | null
      readonly outputs: Json
    }
  /** A person's word is needed; or, with `until`, a day has to come: null where nobody knows it yet. */
  /** For a day, and on that day for an instant (ISO 8601), where one is named. */
  | { readonly state: 'waiting'; readonly reason: string; readonly until?: string | null; readonly instant?: string }
  | {
      readonly state: 'blocked'
      readonly reason: string
      readonly why: 'needs' | 'unavailable' | 'rejected' | 'unknown' | 'later'
    }

export interface Facts {
  readonly step: Step
  readonly record: StepRecord | undefined
  /** `phase.step` names that must be settled first and are not. */
  readonly unmet: readonly string[]
  /** Value of `when:`; of a step that needs what is not settled: false where it is ruled out already. */
  readonly applies: boolean
  /** When it may begin; null: at any time. */
  readonly due: Due | null
  /** Today where the vendor is, `YYYY-MM-DD`. */
  readonly today: string
  readonly capabilities: Readonly<Record<string, Json>>
}

/**
 * Where a step stands before anyone looks at the world. Order matters:
 * what was waived stays waived though it is blocked.
 */
export function readiness(facts: Facts): Readiness {
  const { step, record, unmet, applies, due, today, capabilities } = facts
  if (!applies) return { state: 'settled', as: 'skipped', reason: `when: ${step.when}`, outputs: null }
  if (unmet.length > 0) return { state: 'blocked', why: 'needs', reason: `needs ${unmet.join(', ')}` }
  const waiver = record?.waived
  if (waiver && waiverHolds(String(waiver.facts['until']), today)) {
    return {
      state: 'settled', as: 'waived', reason: `waived until ${waiver.facts['until']}: ${text(waiver.detail['reason'])}`,
      outputs: null,
    }
  }
  const { attested = null } = record ?? {}
  if (attested !== null) {
    return {
      state: 'settled', as: 'unchanged', reason: `done by hand on ${attested.facts['date']}, as was attested`,
      outputs: attested.detail['outputs'] ?? null,
    }
  }
  if (step.capability !== null && capabilities[step.capability] !== true) {
    return {
      state: 'blocked', why: 'unavailable',
      reason: `unavailable: the product lacks the capability '${step.capability}'`,
    }
  }
  if (due?.date === null) return { state: 'waiting', reason: `waits for ${due.anchor}`, until: null }
  if (due && today < due.date) return { state: 'waiting', reason: `waits for ${due.date}`, until: due.date }
  return { state: 'ready' }
}

/** Where a probe stands that has nothing to see before a day, or an instant; `today` is the day where the vendor is. */
export function dueReadiness(due: string, today: string, now: string): Readiness {
  const isInstant = due.includes('T')
  if (isInstant ? Date.parse(due) <= Date.parse(now) : due <= today) return { state: 'ready' }
  const until = { until: due.slice(0, 10), ...(isInstant ? { instant: due } : {}) }
  return { state: 'waiting', reason: `waits for ${due}`, ...until }
}

/** A waiver holds through the day it names, where the vendor is; `today` is the day there. */
export function waiverHolds(until: string, today: string): boolean {
  return today <= until
}

/** What a person's word on this step is bound to: the question and the values named by `binds:`. */
export function wordDigest(step: Step, question: unknown, bound: JsonObject): string {
  return digest({ step: step.id, question, bound })
}

/** Where a step that asks stands, given the digest of what would be signed now. */
export function wordReadiness(
  ask: Ask<never, Json>, question: ReturnType<Ask['ask']>, record: StepRecord | undefined, binds: string,
): Readiness {
  const word = record?.word
  if (!word) return { state: 'waiting', reason: `waits for ${question.from.join(' or ')}` }
  if (word.facts['binds'] !== binds) {
    const reason = word.kind === 'rejected'
      ? 'what was rejected has changed since; it is asked again'
      : 'what was signed has changed since; the sign-off is void'
    return { state: 'waiting', reason }
  }
  if (word.kind === 'rejected') {
    return { state: 'blocked', why: 'rejected', reason: `rejected: ${text(word.detail['reason'])}` }
  }
  if (word.erased.includes('answer')) {
    return { state: 'settled', as: 'unchanged', reason: 'the signer was erased on request', outputs: null }
  }
  const outputs = ask.accept(question, word.detail['answer'] as unknown as Answer)
  if (isMissing(outputs)) return { state: 'waiting', reason: outputs.missing }
  return { state: 'settled', as: 'unchanged', reason: null, outputs }
}

export function isMissing(value: unknown): value is { readonly missing: string } {
  return (
    value !== null &&
    typeof value === 'object' &&
    Object.keys(value).length === 1 &&
    typeof (value as { missing?: unknown }).missing === 'string'
  )
}

/** Does a probe's evidence still hold: passed, for the same inputs, not too old, and of what is still so? */
export function evidenceHolds(
  record: StepRecord | undefined, inputDigest: string, maxAgeMs: number | null, now: string,
): boolean {
  const probed = record?.probed
  if (!probed || probed.facts['input'] !== inputDigest) return false
  if (probed.facts['result'] !== 'pass' && probed.facts['result'] !== 'warn') return false
  return maxAgeMs === null || (!record.overtaken && Date.parse(now) - Date.parse(probed.at) < maxAgeMs)
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '(erased)'
}
