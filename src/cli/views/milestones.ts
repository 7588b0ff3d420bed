import type { MilestoneStatus } from '../../onboarding/milestones.ts'
import type { Output } from '../output.ts'
import { dim, green, red, yellow, type Piece } from '../style.ts'
import { clip } from './value.ts'

const MARKS: Readonly<Record<MilestoneStatus['state'], Piece>> = {
  met: green('◆'), 'at risk': yellow('◈'), missed: red('◈'), open: dim('◇'),
}

/** One line for each: its date, how it stands, and what it still waits for; `all`: every step that it holds. */
export function showMilestones(milestones: readonly MilestoneStatus[], out: Output, all = false): void {
  const widest = Math.max(...milestones.map(({ id }) => id.length))
  out.line(dim('  MILESTONES'))
  for (const one of milestones) {
    const { id, by, state } = one
    const line = `${id.padEnd(widest)}  by ${by ?? '(no date)'}  `
    const room = Math.max(10, out.width - line.length - state.length - 6)
    out.line('  ', MARKS[state], ' ', state === 'met' ? dim(line) : line, looked(state), dim(clip(about(one), room)))
    if (!all) continue
    for (const { step, settled, on, forecast } of one.holds) {
      const date = settled ? on && `  ${on}` : forecast && `  ~${forecast}`
      out.line('      ', settled ? green('✓') : dim('…'), ` ${step}`, dim(date))
    }
  }
}

function looked(state: MilestoneStatus['state']): Piece {
  return state === 'missed' ? red(state) : state === 'at risk' ? yellow(state) : dim(state)
}

function about({ unknown, on, forecast, late, state, holds }: MilestoneStatus): string {
  if (unknown !== null) return `: ${unknown}`
  const days = late === 0 ? '' : ` +${late}d`
  const open = holds.filter(({ settled }) => !settled)
  if (open.length === 0) return on === null ? ': nothing was to be done' : ` ${on}${days}`
  const held = open.map(({ step }) => step).join(', ')
  return forecast === null ? `: ${held}` : ` ~${forecast}${state === 'open' ? '' : days}: ${held}`
}
