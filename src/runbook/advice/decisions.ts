/** Steps with a decision table, their rows read. */
import type { Draft, DraftStep } from '../draft.ts'
import { parseTemplate } from '../cel/template.ts'
import { list, object, text } from '../read-phase.ts'
import type { Conditions } from '../cel/enumerate.ts'
import { tried } from './when.ts'

export const DECISION = 'decision'

export interface Decision {
  readonly draft: DraftStep
  readonly outcomes: readonly (string | null)[]
  /** Truth of each row for each combination. */
  readonly conditions: Conditions
}

/** The tables of which every row could be read. */
export function decisionsOf(draft: Draft): readonly Decision[] {
  return draft.phases.flatMap(({ steps }) => steps).flatMap((one): Decision[] => {
    if (one.step.uses !== DECISION) return []
    const rows = list(one.step.with['rows']).map(object)
    const sources = rows.map(({ when }) => {
      if (when === undefined || typeof when === 'boolean') return String(when ?? true)
      const template = parseTemplate(text(when) ?? '')
      return template.kind === 'single' ? template.source : undefined
    })
    if (rows.length === 0 || sources.includes(undefined)) return []
    const conditions = tried(draft, one, sources.filter((source) => source !== undefined))
    if (typeof conditions === 'string') return []
    return [{ draft: one, outcomes: rows.map(({ outcome }) => text(outcome)), conditions }]
  })
}
