import type { HoldResult } from '../../onboarding/hold.ts'
import type { Output } from '../output.ts'
import { bold, green, yellow } from '../style.ts'

export function showHold({ onboarding, outcome, since, by, reason }: HoldResult, out: Output): void {
  if (outcome === 'resumed') return out.line(green('✓'), ' ', bold(onboarding), ' goes on')
  if (since === null) return out.line(green('='), ' ', bold(onboarding), ' is not held: nothing changed')
  const said = outcome === 'held' ? ' is held' : ' is held already,'
  out.line(
    yellow('⏸'), ' ', bold(onboarding), said,
    ` since ${out.time(since)} by ${by ?? '(erased)'}: ${reason ?? '(erased)'}`,
  )
}
