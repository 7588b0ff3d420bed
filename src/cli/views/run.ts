import type { Outcome, StepResult } from '../../model.ts'
import type { RunResult } from '../../engine/ports.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, dim, red, type Piece } from '../style.ts'
import { OUTCOME_MARKS } from './marks.ts'
import { briefly } from './reason.ts'
import { fieldChange } from './value.ts'

/** What became of each step of a run. */
export function showRun(run: RunResult, out: Output): void {
  out.line(bold(run.onboarding), dim(`  run ${run.run.slice(0, 8)}`))
  for (const [phase, steps] of Map.groupBy(run.steps, (step) => step.key.phase)) {
    out.line()
    out.line(bold(phase))
    const names = Math.max(...steps.map((step) => lengthOf(name(step))))
    for (const step of steps) showStep(step, names, out)
  }
  out.line()
  out.line(...summary(run))
}

function showStep(step: StepResult, names: number, out: Output): void {
  const { outcome, title } = step
  const quiet = outcome === 'unchanged' || outcome === 'skipped' || outcome === 'blocked'
  const line: Piece = ['  ', OUTCOME_MARKS[outcome], ' ', name(step), ' '.repeat(names - lengthOf(name(step)) + 2), quiet ? dim(title) : title, '  ']
  const reason = briefly(step.reason, step.key.phase)
  const said = reason ?? outcome
  const fits = lengthOf(line) + lengthOf(said) <= out.width
  const shown = outcome === 'failed' ? red(said) : dim(said)
  out.line(line, fits ? shown : dim(outcome))
  if (!fits) out.line('      ', shown)
  const widest = Math.max(0, ...step.changes.map(({ field }) => lengthOf(field)))
  for (const change of step.changes) {
    out.line('      ', change.field, ' '.repeat(widest - lengthOf(change.field) + 2), fieldChange(change, Math.max(24, out.width - widest - 10)))
  }
  if (step.secrets.length > 0) out.line('      ', dim(`handed over: ${step.secrets.join(', ')}`))
}

function name({ key }: StepResult): string {
  return key.step + (key.instance === '' ? '' : `/${key.instance}`)
}

function summary(run: RunResult): Piece[] {
  const order: readonly Outcome[] = ['failed', 'changed', 'undone', 'waiting', 'blocked', 'waived', 'skipped', 'unchanged']
  const parts = order.map((outcome) => [run.steps.filter((step) => step.outcome === outcome).length, outcome] as const)
  const text = parts.filter(([count]) => count > 0).map(([count, outcome]) => `${count} ${outcome}`).join(', ')
  return [bold(text === '' ? 'nothing to do' : text), dim(`  journal ${run.head.seq} · ${run.head.hash.slice(0, 12)}`)]
}
