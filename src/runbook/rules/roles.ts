import { type DraftPhase, meant, type Rule } from '../draft.ts'
import type { Path } from '../../input/tree.ts'
import { object } from '../read-phase.ts'

/** unknown-role: a role that runbook.yaml does not list. no-owner: a step that nobody owns. */
export const roles: Rule = ({ document: { value }, roles: known, phases, actions, findings }) => {
  const listed = Array.isArray(object(value)['roles'])
  const check = ({ document }: DraftPhase, path: Path, names: readonly unknown[]): void => {
    names.forEach((name, i) => {
      if (!listed || typeof name !== 'string' || name.includes('${{') || known.includes(name)) return
      findings.say(
        document, [...path, i], 'unknown-role', `'${name}' is not among the roles of runbook.yaml${meant(name, known)}`,
      )
    })
  }
  for (const phase of phases) {
    check(phase, ['owner'], phase.phase.owner)
    for (const { step, path } of phase.steps) {
      if (step.owner !== phase.phase.owner) check(phase, [...path, 'owner'], step.owner)
      check(phase, [...path, 'waivable_by'], step.waivable_by)
      // Whom a question is put to.
      const from = actions.get(step.uses)?.kind === 'ask' ? step.with['from'] : undefined
      if (Array.isArray(from)) check(phase, [...path, 'with', 'from'], from)
      if (step.owner.length === 0) {
        const message = `nobody owns step '${step.id}': give it, or its phase, an owner`
        findings.say(phase.document, [...path, 'id'], 'no-owner', message, 'key')
      }
    }
  }
}
