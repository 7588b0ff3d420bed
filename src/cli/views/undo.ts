import { keyText } from '../../engine/keys.ts'
import type { UndoPlan } from '../../engine/undo.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, dim, red, yellow } from '../style.ts'
import { fieldChange } from './value.ts'

/** How many of these steps can be undone before one that cannot. */
export function reach(steps: UndoPlan['steps']): number {
  const stop = steps.findIndex(({ obstacle }) => obstacle !== null)
  return stop < 0 ? steps.length : stop
}

/** What a rollback would undo, in the order in which it would. */
export function showUndoPlan({ onboarding, to, steps }: UndoPlan, out: Output): void {
  const place = to.step === null ? to.phase : `${to.phase}.${to.step}`
  out.line(bold(onboarding), dim(`  back to before ${place}`))
  if (steps.length === 0) return out.line(dim('Nothing to undo.'))
  out.line()
  for (const { key, title, of, target, changes, stays, obstacle } of steps) {
    out.line(
      '  ', yellow('↺'), ` ${keyText(key)}  `, title,
      dim(`  ${target} · entry ${of}`),
    )
    const widest = Math.max(0, ...changes.map(({ field }) => lengthOf(field)))
    for (const change of changes) {
      out.line(
        '      ', change.field, ' '.repeat(widest - lengthOf(change.field) + 2),
        fieldChange(change, Math.max(24, out.width - widest - 10)),
      )
    }
    if (stays !== null) out.line('      ', dim(stays))
    if (obstacle !== null) out.line('      ', red(`stops here: ${obstacle}`))
  }
  out.line()
  const stop = steps[reach(steps)]
  out.line(bold(`${reach(steps)} to undo.`), stop ? dim(`  It stops at ${keyText(stop.key)}.`) : '')
}
