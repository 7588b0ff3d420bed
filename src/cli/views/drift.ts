import type { Drift } from '../../engine/drift.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, dim, green, yellow } from '../style.ts'
import { fieldChange } from './value.ts'

/** What moved, onboarding by onboarding: stored now → what the runbook wants. */
export function showDrift(onboardings: readonly Drift[], out: Output): void {
  for (const { onboarding, checked, drifted } of onboardings) {
    if (drifted.length === 0) {
      out.line(green('='), ' ', bold(onboarding), dim(checked === 0 ? '  nothing was applied yet' : `  ${checked} steps are as they were applied`))
      continue
    }
    out.line(yellow('~'), ' ', bold(onboarding), `  ${drifted.length} of ${checked} steps moved`)
    for (const { key, title, target, changes, reason } of drifted) {
      out.line('  ', yellow('~'), ` ${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}  `, title, dim(target === null ? '' : `  ${target}`))
      const widest = Math.max(0, ...changes.map(({ field }) => lengthOf(field)))
      for (const change of changes) {
        out.line('      ', change.field, ' '.repeat(widest - lengthOf(change.field) + 2), fieldChange(change, Math.max(24, out.width - widest - 10)))
      }
      if (reason !== null) out.line('      ', dim(reason))
    }
  }
  if (onboardings.length === 0) out.line(dim('No onboardings yet.'))
}
