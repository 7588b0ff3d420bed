import type { CheckIn, Hypercare } from '../../onboarding/check-ins.ts'
import type { CheckInResult } from '../../onboarding/hypercare-check-in.ts'
import type { Output } from '../output.ts'
import { bold, dim, green, type Piece, red, yellow } from '../style.ts'

const MARKS: Readonly<Record<CheckIn['state'], Piece>> = {
  held: green('✓'), open: yellow('!'), missed: red('✗'), later: dim('·'), waived: dim('~'),
}

export function showSchedule({ company, live_on, day, check_ins }: Hypercare, out: Output): void {
  out.line(bold(company), ` live since ${live_on}, day ${day} of hypercare`)
  out.table(
    check_ins.map((one) => [MARKS[one.state], `day ${one.day}`, one.date, one.state === 'open' ? 'today' : one.state]),
    { indent: 2 },
  )
}

/** What a check-in shows of its findings. */
interface Found {
  readonly metrics: readonly { readonly title: string; readonly value: string | null; readonly state: string }[]
  readonly issues: readonly { readonly title: string; readonly severity: string; readonly status: string }[]
  readonly actions: readonly { readonly text: string; readonly owner: string; readonly done: boolean }[]
}

export function showCheckIn(
  { onboarding, outcome, day, date, data, document, missed, next }: CheckInResult, out: Output,
): void {
  const said = { held: ' held', changed: ' recorded anew', unchanged: ' was held already' }[outcome]
  out.line(
    outcome === 'unchanged' ? dim('=') : green('✓'), ' ', bold(onboarding), ` check-in of day ${day} (${date})`, said,
  )
  const { metrics, issues, actions } = data as unknown as Found
  out.table(metrics.map((one) => [one.title, one.value ?? 'no data', dim(one.state)]), { indent: 2 })
  for (const { status, severity, title } of issues) {
    out.line('  ', status === 'open' ? yellow(severity) : dim(severity), ' ', title, dim(` ${status}`))
  }
  for (const one of actions) if (!one.done) out.line('  ', dim('to do '), one.text, dim(` ${one.owner}`))
  out.line('  ', dim(`document ${document.name} ${document.digest.slice(0, 12)}`))
  if (missed.length > 0) out.line('  ', red(`missed: day ${missed.join(', ')}`))
  out.line('  ', next === null ? 'this was the last one' : `next: day ${next.day}, ${next.date}`)
}
