import { keyText } from '../../engine/keys.ts'
import type { Adopted } from '../../onboarding/adopt.ts'
import type { Output } from '../output.ts'
import { bold, dim, green, yellow } from '../style.ts'
import { fieldChange } from './value.ts'

const SAID: Readonly<Record<Adopted['outcome'], string>> = {
  adopted: 'took over what was done by hand; nothing of it was changed',
  planned: 'would take this over; nothing was written',
  unchanged: 'has all of this already',
}

export function showAdopted({ onboarding, outcome, steps }: Adopted, out: Output): void {
  const marks = { adopted: green('✓ adopted '), attested: green('✓ attested'), unchanged: dim('= known   ') }
  for (const { key, title, outcome: became, target, differences, by, date } of steps) {
    out.line(
      marks[became], ' ', bold(keyText(key)), `  ${title}`, dim(by === null ? '' : `  by ${by} on ${date ?? ''}`),
      dim(target === null ? '' : `  ${target}`),
    )
    const widest = Math.max(0, ...differences.map(({ field }) => field.length))
    for (const change of differences) {
      const room = Math.max(24, out.width - widest - 10)
      out.line('    ', yellow('~'), ` ${change.field.padEnd(widest)}  `, fieldChange(change, room))
    }
  }
  out.line()
  const differing = steps.filter(({ differences }) => differences.length > 0).length
  out.line(bold(onboarding), ` ${SAID[outcome]}`)
  if (differing > 0) {
    const differ = differing === 1 ? 'One differs' : `${differing} differ`
    out.line(yellow('~'), ` ${differ} from the handoff: plan shows it, apply sets it right`)
  }
}
