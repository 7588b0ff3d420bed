import type { Outcome, StepResult } from '../../model.ts'
import type { RunResult } from '../../engine/ports.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, dim, red, yellow, type Piece } from '../style.ts'
import { OUTCOME_MARKS } from './marks.ts'
import { briefly } from './reason.ts'
import { fieldChange } from './value.ts'

/** What became of each step of a run; of a phase among several in which nothing happened, in a line. */
export function showRun(run: RunResult, out: Output): void {
  out.line(bold(run.onboarding), dim(`  run ${run.run.slice(0, 8)}`))
  const phases = Map.groupBy(run.steps, (step) => step.key.phase)
  for (const [phase, steps] of phases) {
    if (phases.size > 1 && !steps.some(isNews)) {
      out.line(dim('· '), bold(phase), dim(`  ${counted(steps)}${commonReason(steps)}`))
      continue
    }
    out.line()
    out.line(bold(phase))
    // Among several phases what is as it was is only counted.
    const isShown = (step: StepResult): boolean => (
      phases.size === 1 || isNews(step) || step.outcome === 'blocked' || step.outcome === 'waiting'
    )
    const shown = steps.filter(isShown)
    const names = Math.max(...shown.map((step) => lengthOf(name(step))))
    for (const step of shown) showStep(step, names, out)
    const rest = steps.filter((step) => !shown.includes(step))
    if (rest.length > 0) out.line('  ', dim(`and ${counted(rest)}`))
  }
  out.line()
  out.line(...summary(run))
}

/** Something happened, or a person can make it happen now. */
function isNews({ outcome, next }: StepResult): boolean {
  if (outcome === 'waiting') return next !== null
  return outcome === 'changed' || outcome === 'failed' || outcome === 'undone'
}

/** ` · waits for go-live`, where every step that waits does so for the same. */
function commonReason(steps: readonly StepResult[]): string {
  const waiting = steps.filter(({ outcome }) => outcome === 'waiting')
  const [only, ...others] = new Set(waiting.flatMap(({ reason }) => reason ?? []))
  return only !== undefined && others.length === 0 ? ` · ${only}` : ''
}

function showStep(step: StepResult, names: number, out: Output): void {
  const { outcome, title } = step
  const warns = step.warned === true && outcome === 'changed'
  const word = warns ? 'warning' : outcome
  const quiet = outcome === 'unchanged' || outcome === 'skipped' || outcome === 'blocked'
  const line: Piece = [
    '  ', warns ? yellow('!') : OUTCOME_MARKS[outcome], ' ', name(step), ' '.repeat(names - lengthOf(name(step)) + 2),
    quiet ? dim(title) : title, '  ',
  ]
  const reason = briefly(step.reason, step.key.phase)
  const said = reason ?? word
  const fits = lengthOf(line) + lengthOf(said) <= out.width
  const shown = outcome === 'failed' ? red(said) : dim(said)
  out.line(line, fits ? shown : dim(word))
  if (!fits && said !== word) out.line('      ', shown)
  const widest = Math.max(0, ...step.changes.map(({ field }) => lengthOf(field)))
  for (const change of step.changes) {
    out.line(
      '      ', change.field, ' '.repeat(widest - lengthOf(change.field) + 2),
      fieldChange(change, Math.max(24, out.width - widest - 10)),
    )
  }
  if (step.secrets.length > 0) out.line('      ', dim(`handed over: ${step.secrets.join(', ')}`))
}

function name({ key }: StepResult): string {
  return key.step + (key.instance === '' ? '' : `/${key.instance}`)
}

/** `2 changed, 3 waiting`. */
function counted(steps: readonly StepResult[]): string {
  const order: readonly Outcome[] = [
    'failed', 'changed', 'undone', 'waiting', 'blocked', 'waived', 'skipped', 'unchanged',
  ]
  const parts = order.map((outcome) => [steps.filter((step) => step.outcome === outcome).length, outcome] as const)
  return parts.filter(([count]) => count > 0).map(([count, outcome]) => `${count} ${outcome}`).join(', ')
}

function summary(run: RunResult): Piece[] {
  const text = counted(run.steps)
  return [bold(text === '' ? 'nothing to do' : text), dim(`  journal ${run.head.seq} · ${run.head.hash.slice(0, 12)}`)]
}
