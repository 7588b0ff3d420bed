import type { Drift } from '../../engine/drift.ts'
import { keyText } from '../../engine/keys.ts'
import type { Json } from '../../model.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, dim, green, red, yellow } from '../style.ts'
import { clip, fieldChange, value } from './value.ts'

/** What moved, onboarding by onboarding: what is stored now, and what the runbook wants. */
export function showDrift(onboardings: readonly Drift[], out: Output): void {
  for (const { onboarding, checked, drifted } of onboardings) {
    if (drifted.length === 0) {
      out.line(green('='), ' ', bold(onboarding), dim(`  ${asApplied(checked)}`))
      continue
    }
    out.line(
      yellow('~'), ' ', bold(onboarding), `  ${drifted.length} of ${checked} ${checked === 1 ? 'step' : 'steps'} moved`,
    )
    for (const { key, title, target, changes, reason } of drifted) {
      out.line(
        '  ', yellow('~'), ` ${keyText(key)}  `, title,
        dim(target === null ? '' : `  ${target}`),
      )
      const widest = Math.max(0, ...changes.map(({ field }) => lengthOf(field)))
      for (const change of changes) {
        const { before, after, unknown } = change
        // An arrow would read as the way it moved; what is meant is where it stands and where it belongs.
        const said = unknown
          ? fieldChange(change, out.width)
          : ['is ', red(shown(before, out)), ', should be ', green(shown(after, out))]
        out.line('      ', change.field, ' '.repeat(widest - lengthOf(change.field) + 2), said)
      }
      if (reason !== null) out.line('      ', dim(reason))
    }
  }
  if (onboardings.length === 0) out.line(dim('No onboardings yet.'))
}

function asApplied(steps: number): string {
  if (steps === 0) return 'nothing was applied yet'
  return steps === 1 ? '1 step is as it was applied' : `${steps} steps are as they were applied`
}

function shown(json: Json, out: Output): string {
  return json === null ? '(nothing)' : clip(value(json), Math.max(24, out.width / 3))
}
