import { checkExpression } from '../cel/check.ts'
import { kindsOf } from '../cel/shape.ts'
import { meant, type Rule } from '../draft.ts'
import { readableOf, sayExpression } from '../readable.ts'

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
    const checked = checkExpression(milestone.by, readableOf(draft))
    const kinds = kindsOf(checked.shape.schema)
    const isText = kinds === undefined || (kinds.size === 1 && kinds.has('string'))
    const wrong = checked.shape.optional || !isText
    const message = 'a date is needed here, such as handoff.dates.go_live'
    const found = wrong ? [{ offset: 0, rule: 'expression-type', message }] : []
    sayExpression(findings, document, [...path, 'by'], 0, checked.findings.length > 0 ? checked.findings : found)
  }
}
