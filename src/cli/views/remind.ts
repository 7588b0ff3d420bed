import type { Output } from '../output.ts'
import type { Reminded } from '../remind.ts'
import { bold, dim, green, red, yellow, type Piece } from '../style.ts'

export interface Reminding {
  /** Where the vendor is, `YYYY-MM-DD`. */
  readonly today: string
  /** false: a weekend or a holiday, on which nobody is reminded. */
  readonly business_day: boolean
  readonly reminders: readonly Reminded[]
}

const OUTCOMES: Readonly<Record<Reminded['outcome'], readonly [mark: Piece, said: string]>> = {
  sent: [green('✓'), 'was reminded of'], planned: [dim('·'), 'would be reminded of'],
  refused: [red('✗'), 'was not reminded of'],
  unknown: [yellow('!'), 'may have been reminded of'], nobody: [yellow('!'), 'nobody to remind of'],
}

/** Each person, and under them what they were reminded of. */
export function showReminders({ today, business_day, reminders }: Reminding, out: Output): void {
  if (!business_day) return out.line(green('Nobody works today, so nobody is reminded'), dim(` · ${today}`))
  if (reminders.length === 0) return out.line(green('Nobody is to be reminded today'), dim(` · ${today}`))
  for (const { onboarding, to, steps, outcome, reason } of reminders) {
    const [mark, said] = OUTCOMES[outcome]
    out.line(mark, ' ', bold(onboarding), to === null ? ` ${said}` : ` ${to.name} <${to.email}> ${said}`)
    for (const { step, title, due, overdue } of steps) {
      const when = due === null ? '' : overdue ? red(` · was due on ${due}`) : dim(` · due on ${due}`)
      out.line('    ', step, dim(' · '), title, when)
    }
    if (reason !== null) out.line('    ', dim(reason))
  }
}
