import type { OpenItem } from '../../onboarding/tasks.ts'
import type { Output } from '../output.ts'
import { bold, cyan, dim, green, red, yellow, type Piece } from '../style.ts'

export interface Tasks {
  /** Where the vendor is, `YYYY-MM-DD`. */
  readonly today: string
  readonly tasks: readonly OpenItem[]
}

/** Each with when, which customer, whose, what; and under it the command, as `typed` makes it. */
export function showTasks({ today, tasks }: Tasks, out: Output, typed: (command: string) => string): void {
  if (tasks.length === 0) return out.line(green('Nothing waits.'))
  const late = tasks.filter(({ overdue }) => overdue).length
  out.line(bold(`${tasks.length} open`), late === 0 ? '' : red(`, ${late} overdue`), dim(` · today is ${today}`))
  out.table([
    ['DUE', 'CUSTOMER', 'WHOSE', 'WHAT'],
    ...tasks.flatMap((one): Piece[][] => [
      [when(one), one.onboarding, whose(one), [one.title, note(one)]],
      ['', '', '', cyan(typed(one.next))],
    ]),
  ], { head: true })
}

function when({ due, overdue }: OpenItem): Piece {
  if (due === null) return dim('–')
  return overdue ? red(due) : due
}

function note({ kind, reason }: OpenItem): Piece {
  if (reason === null) return ''
  return kind !== 'apply' ? yellow(` (${reason})`) : red(` (${reason})`)
}

function whose({ kind, assigned, for: roles, people }: OpenItem): Piece {
  if (assigned) return bold(assigned.name)
  if (people.length === 0 && kind === 'sign') return [roles.join(' or '), yellow(' (nobody yet)')]
  return people.length === 1 ? [people[0], dim(` ${roles.join(' or ')}`)] : roles.join(' or ')
}
