import type { ActionItem } from '../../onboarding/issue-store.ts'
import type { Escalation } from '../../onboarding/escalation.ts'
import type { IssueResult, ShownIssue } from '../../onboarding/issues.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, cyan, dim, green, red, yellow, type Piece, type Styled } from '../style.ts'
import { clip } from './value.ts'

/** The issues of an onboarding, with the action items that are still open, whatever became of their issue. */
export interface IssueList {
  readonly onboarding: string
  /** The database's clock. */
  readonly now: string
  readonly issues: readonly ShownIssue[]
  readonly actions: readonly (ActionItem & { readonly issue: number })[]
}

const LOOKS: Readonly<Record<string, (...pieces: Piece[]) => Styled>> = { P0: red, P1: yellow, P2: cyan, P3: dim }

export function showIssues({ onboarding, now, issues, actions }: IssueList, out: Output): void {
  if (issues.length === 0) out.line(bold(onboarding), dim('  no issues'))
  else {
    out.table([
      ['ISSUE', 'SEVERITY', 'STATUS', 'TITLE', 'OWNER', 'IS WITH'],
      ...issues.map((one): Piece[] => [
        bold(String(one.number)), (LOOKS[one.severity] ?? dim)(one.severity),
        one.status === 'open' ? yellow('open') : green('resolved'),
        one.title, one.owner ?? '–', one.escalation === null ? '' : withWhom(one.escalation, out),
      ]),
    ], { head: true })
  }
  if (actions.length === 0) return
  out.line()
  out.line(bold('To be done'))
  out.table(
    actions.map((one): Piece[] => [`${one.issue}.${one.number}`, one.text, one.owner ?? '–', dueOf(one, now)]),
    { indent: 2 },
  )
}

/** The worst of the open ones on a line each, the rest as a number: a part of a screen. */
export function showOpenIssues(issues: readonly ShownIssue[], out: Output): void {
  for (const { number, severity, title, escalation } of issues.slice(0, 2)) {
    const whose: Piece = escalation === null ? '' : ['  ', withWhom(escalation, out)]
    const room = Math.max(20, out.width - lengthOf(whose) - 14)
    out.line(`issue ${number} `, (LOOKS[severity] ?? dim)(severity), ' ', clip(title, room), whose)
  }
  if (issues.length > 2) out.line(dim(`and ${issues.length - 2} more issues`))
}

export function showIssueResult({ onboarding, outcome, issue }: IssueResult, out: Output): void {
  const mark = outcome === 'unchanged' ? dim('=') : green('✓')
  out.line(
    mark, ' ', bold(`issue ${issue.number}`),
    ` of ${onboarding} ${outcome === 'unchanged' ? 'is so already' : outcome}`,
  )
  showIssue(issue, out)
}

export function showIssue(issue: ShownIssue, out: Output): void {
  out.line(
    '  ', (LOOKS[issue.severity] ?? dim)(issue.severity), ' ', bold(issue.title),
    issue.category === null ? '' : dim(`  ${issue.category}`),
  )
  out.line(
    '  ', issue.status, dim(`  opened ${out.time(issue.opened_at)}`),
    dim(issue.resolved_at === null ? '' : `, resolved ${out.time(issue.resolved_at)}`),
  )
  out.line('  ', dim('owner '), issue.owner ?? '–')
  if (issue.escalation !== null) {
    out.line('  ', dim('with  '), withWhom(issue.escalation, out), dim(nextOf(issue.escalation)))
  }
  if (issue.resolution !== null) out.line('  ', dim('how   '), issue.resolution)
  for (const item of issue.actions) {
    const due = item.due === null ? '' : `, by ${item.due}`
    out.line(
      '  ', item.status === 'open' ? yellow('○') : green('✓'), ` ${item.number} ${item.text}`,
      dim(`  ${item.owner ?? 'nobody'}${due}`),
    )
  }
}

function withWhom({ level, role, people, due, overdue }: Escalation, out: Output): Piece {
  const who = people.length === 0 ? `${role} (nobody in this role)` : people.map(({ name }) => name).join(' or ')
  const until = overdue ? red(`missed ${out.time(due)}`) : `until ${out.time(due)}`
  return [`${level} ${who} `, until]
}

function nextOf({ missed, next, overdue }: Escalation): string {
  const said = missed.length === 0 ? '' : `  missed by ${missed.join(', ')}`
  return next === null ? (overdue ? said : `${said}  the last level`) : `${said}  then ${next.level} ${next.role}`
}

function dueOf({ due }: ActionItem, now: string): Piece {
  if (due === null) return ''
  return due < now.slice(0, 10) ? red(`overdue since ${due}`) : `by ${due}`
}
