import { meant, type Rule } from '../draft.ts'
import { readableOf, sayExpression } from '../readable.ts'
import { checkDate } from './dates.ts'

/** milestone-step: a milestone holds a step that is not there. Its `by` must be an expression that gives a date. */
export const milestones: Rule = (draft) => {
  const { document, phases, findings } = draft
  const names = phases.flatMap(({ steps, phase }) => steps.map(({ step }) => `${phase.id}.${step.id}`))
  const known = new Set(names)
  for (const { milestone, path } of draft.milestones) {
    milestone.holds.forEach((name, i) => {
      if (known.has(name)) return
      findings.say(document, [...path, 'holds', i], 'milestone-step', `there is no step '${name}'${meant(name, names)}`)
    })
    if (milestone.by === '') continue
    sayExpression(findings, document, [...path, 'by'], 0, checkDate(milestone.by, readableOf(draft)))
  }
}
