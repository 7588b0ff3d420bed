import type { Plan, PlannedAction, PlannedStep } from '../../model.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, dim, red, yellow, type Piece } from '../style.ts'
import { PLAN_MARKS } from './marks.ts'
import { briefly } from './reason.ts'
import { fieldChange } from './value.ts'

/** What `apply` would do, phase by phase, each change as before → after. */
export function showPlan(plan: Plan, out: Output): void {
  out.line(bold(plan.onboarding), dim(`  ${plan.runbook.name} ${plan.runbook.version}`))
  const phases = Map.groupBy(plan.steps, (step) => step.key.phase)
  for (const [phase, steps] of phases) {
    if (phases.size > 1 && steps.every(({ action }) => action === 'skipped')) {
      out.line(dim('· '), bold(phase), dim(`  ${steps.length} skipped: there is nothing to do in it`))
      continue
    }
    out.line()
    out.line(bold(phase))
    const names = Math.max(...steps.map((step) => lengthOf(name(step))))
    for (const step of steps) showStep(step, names, out)
  }
  out.line()
  out.line(...summary(plan))
  if (plan.held) {
    const { since, by, reason } = plan.held
    const held = `held since ${out.time(since)} by ${by ?? '(erased)'}: ${reason ?? '(erased)'}`
    out.line(yellow('‖ '), `${held}; apply does nothing until it is resumed`)
  }
}

function showStep(step: PlannedStep, names: number, out: Output): void {
  const pad = ' '.repeat(names - lengthOf(name(step)) + 2)
  const quiet = step.action === 'none' || step.action === 'skipped'
  const title: Piece = quiet ? dim(step.title) : step.title
  const target = step.target === null ? '' : dim(`  ${step.target}`)
  const line: Piece = ['  ', PLAN_MARKS[step.action], ' ', name(step), pad, title, target, flags(step)]
  const reason = step.action === 'none' ? null : briefly(step.reason, step.key.phase)
  const fits = reason !== null && lengthOf(line) + lengthOf(reason) + 2 <= out.width
  out.line(line, fits ? dim(`  ${reason}`) : '')
  if (reason !== null && !fits) out.line('      ', dim(reason))
  const widest = Math.max(0, ...step.changes.map(({ field }) => lengthOf(field)))
  for (const change of step.changes) {
    const room = Math.max(24, out.width - widest - 10)
    out.line('      ', change.field, ' '.repeat(widest - lengthOf(change.field) + 2), fieldChange(change, room))
  }
}

function name({ key }: PlannedStep): string {
  return key.step + (key.instance === '' ? '' : `/${key.instance}`)
}

function flags(step: PlannedStep): Piece {
  const acts = ['create', 'update', 'delete', 'run', 'later'].includes(step.action)
  return [
    acts && !step.reversible ? red('  cannot be undone') : '',
    acts && step.again ? yellow('  planned again at apply') : '',
  ]
}

const SAID: readonly (readonly [PlannedAction, string])[] = [
  ['create', 'to create'], ['update', 'to change'], ['delete', 'to delete'], ['run', 'to run'],
  ['later', 'known after apply'], ['probe', 'to check'], ['ask', 'waiting for a person'],
  ['wait', 'waiting for a date'], ['blocked', 'blocked'], ['waived', 'waived'], ['skipped', 'skipped'],
  ['none', 'unchanged'],
]

function summary(plan: Plan): Piece[] {
  const count = (action: PlannedAction): number => plan.steps.filter((step) => step.action === action).length
  const counted = SAID.map(([action, said]) => [count(action), said] as const)
  const parts = counted.filter(([count]) => count > 0).map(([count, said]) => `${count} ${said}`)
  const verdict = plan.pending === 0 ? 'No changes.' : `${plan.pending} ${plan.pending === 1 ? 'change' : 'changes'}.`
  return [bold(verdict), dim(`  ${parts.join(', ')}`)]
}
