import { type DraftPhase, type Findings, meant, type Rule } from '../draft.ts'
import { type Needing, ordered } from '../order.ts'

/** unknown-need: something to come first that is not there. cycle: what needs itself, directly or through others. */
export const needs: Rule = ({ document, phases, findings }) => {
  const ids = phases.map(({ phase }) => phase.id)
  for (const phase of phases) {
    phase.phase.needs.forEach((id, i) => {
      if (!ids.includes(id) && isWritten(phase, ['needs', i])) {
        findings.say(phase.document, ['needs', i], 'unknown-need', `there is no phase '${id}'${meant(id, ids)}`)
      }
    })
    const after = phase.phase.starts?.after
    if (after !== undefined && !ids.includes(after)) {
      findings.say(
        phase.document, ['starts', 'after'], 'unknown-need', `there is no phase '${after}'${meant(after, ids)}`,
      )
    }
    ofSteps(phase, findings)
  }
  const { cycle } = ordered(phases.map(({ phase }) => phase))
  const [first] = cycle
  if (first === undefined) return
  const one = phases.find(({ phase }) => phase === first)
  const at = one !== undefined && isWritten(one, ['needs']) ? one.document : document
  findings.say(
    at, at === document ? ['phases'] : ['needs'], 'cycle', `phases wait for one another: ${chain(cycle)}`, 'key',
  )
}

function ofSteps(phase: DraftPhase, findings: Findings): void {
  const ids = new Set(phase.steps.map(({ step }) => step.id))
  for (const { step, path } of phase.steps) {
    step.needs.forEach((id, i) => {
      if (ids.has(id) || !isWritten(phase, [...path, 'needs', i])) return
      const message = `there is no step '${id}' in phase '${phase.phase.id}'${meant(id, ids)}`
      findings.say(phase.document, [...path, 'needs', i], 'unknown-need', message)
    })
  }
  const { cycle } = ordered(phase.steps.map(({ step }) => step))
  const [first] = cycle
  const draft = phase.steps.find(({ step }) => step === first)
  if (draft === undefined) return
  findings.say(phase.document, [...draft.path, 'needs'], 'cycle', `steps wait for one another: ${chain(cycle)}`, 'key')
}

/** `a → b → a`: each needs the next. */
function chain(cycle: readonly Needing[]): string {
  const walked: string[] = []
  let at = cycle[0]
  while (at !== undefined && !walked.includes(at.id)) {
    walked.push(at.id)
    at = cycle.find(({ id }) => at?.needs.includes(id))
  }
  const start = Math.max(0, walked.indexOf(at?.id ?? ''))
  return [...walked.slice(start), walked[start]].join(' → ')
}

function isWritten({ document }: DraftPhase, path: readonly (string | number)[]): boolean {
  const above = document.locate(path.slice(0, -1))
  const at = document.locate(path)
  return at.line !== above.line || at.col !== above.col
}
