import type { Rule } from '../draft.ts'

/** duplicate-id: two steps of a phase, two milestones, or two thresholds with one name. */
export const ids: Rule = ({ document, phases, milestones, thresholds, findings }) => {
  for (const phase of phases) {
    const lines = new Map<string, number>()
    for (const { step, path } of phase.steps) {
      if (step.id === '') continue
      const first = lines.get(step.id)
      if (first === undefined) lines.set(step.id, phase.document.locate([...path, 'id']).line)
      else {
        findings.say(
          phase.document, [...path, 'id'], 'duplicate-id', `step '${step.id}' is there already, in line ${first}`,
        )
      }
    }
  }
  const seen = new Set<string>()
  for (const { milestone, path } of milestones) {
    if (seen.has(milestone.id)) {
      findings.say(document, [...path, 'id'], 'duplicate-id', `milestone '${milestone.id}' is there already`)
    }
    seen.add(milestone.id)
  }
  const metrics = new Set<unknown>()
  for (const { written, path } of thresholds) {
    const { id } = written
    if (typeof id !== 'string') continue
    if (metrics.has(id)) findings.say(document, [...path, 'id'], 'duplicate-id', `threshold '${id}' is there already`)
    metrics.add(id)
  }
}
