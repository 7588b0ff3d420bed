import type { Facts } from '../cel/facts.ts'
import { meant, type Rule } from '../draft.ts'
import { readableOf, sayExpression } from '../readable.ts'
import { checkDate } from './dates.ts'

/** Before it is live, what counts from that day counts from the go-live that is foreseen. */
const LIVE: Facts = new Set(['set:onboarding.live_on'])

/**
 * milestone-step: a milestone holds a step that is not there, or one of a procedure.
 * Its `by` must be an expression that gives a date.
 */
export const milestones: Rule = (draft) => {
  const { document, phases, findings } = draft
  const names = phases.flatMap(({ steps, phase }) => steps.map(({ step }) => `${phase.id}.${step.id}`))
  const known = new Set(names)
  const unread = new Set(phases.filter((one) => one.document.value === undefined).map(({ phase }) => phase.id))
  for (const { milestone, path } of draft.milestones) {
    milestone.holds.forEach((name, i) => {
      const procedure = phases.find(({ phase, procedure }) => procedure && phase.id === name.split('.')[0])
      if (procedure !== undefined && known.has(name)) {
        findings.say(
          document, [...path, 'holds', i], 'milestone-step',
          `'${name}' is a step of a procedure: it is there only when that is carried out`,
        )
      }
      if (known.has(name) || unread.has(name.split('.')[0] ?? '')) return
      findings.say(document, [...path, 'holds', i], 'milestone-step', `there is no step '${name}'${meant(name, names)}`)
    })
    if (milestone.by === '') continue
    sayExpression(findings, document, [...path, 'by'], 0, checkDate(milestone.by, readableOf(draft), false, LIVE))
  }
}
