import { canonical } from '../engine/digest.ts'
import type { Head } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { Actor, Json, Person } from '../model.ts'
import { escalationOf, SEVERITIES, type Escalation, type EscalationLevel, type Severity } from './escalation.ts'
import type { ActionItem, Issue, IssueStore, IssueTransaction } from './issue-store.ts'

/** What an issue's people and clocks are judged by. */
export interface IssueWorld {
  readonly store: IssueStore
  /** `acme` */
  readonly onboarding: string
  readonly actor: Actor
  readonly levels: readonly EscalationLevel[]
  readonly roles: Readonly<Record<string, readonly Person[]>>
}

/** What is to be different; what is left out stays. */
export interface IssueChange {
  readonly title?: string | undefined
  readonly severity?: Severity | undefined
  readonly category?: string | undefined
  readonly owner?: string | undefined
  /** resolved needs a resolution. */
  readonly status?: Issue['status'] | undefined
  readonly resolution?: string | undefined
  /** An action item to add; the same text again is the same item. */
  readonly action?: GivenAction | undefined
  /** Number of an action item to close. */
  readonly close?: number | undefined
}

interface GivenAction {
  readonly text: string
  readonly owner?: string | undefined
  readonly due?: string | undefined
}

export interface IssueResult {
  readonly onboarding: string
  readonly outcome: 'opened' | 'changed' | 'resolved' | 'reopened' | 'unchanged'
  readonly issue: ShownIssue
  /** The journal's head after it; null where nothing was written. */
  readonly head: Head | null
}

/** An issue with where it stands on the way up; null where it is resolved, or the config has no levels. */
export type ShownIssue = Issue & { readonly escalation: Escalation | null }

export function shownIssue(
  issue: Issue, now: string, { levels, roles }: Pick<IssueWorld, 'levels' | 'roles'>,
): ShownIssue {
  return { ...issue, escalation: issue.status === 'open' ? escalationOf(issue, now, levels, roles) : null }
}

/** Opens an issue. One of the same title that is open already is the same issue, where nothing else differs. */
export async function addIssue(
  world: IssueWorld, given: IssueChange & { readonly title: string; readonly severity: Severity },
): Promise<IssueResult> {
  if (given.title.trim() === '') {
    throw new OnboardError(
      'usage', 'title-missing', 'an issue is opened by saying what is wrong',
      { suggestions: [`onboard issue list ${world.onboarding}`] },
    )
  }
  return world.store.transaction(async (transaction) => {
    const { now } = transaction
    const all = await transaction.all()
    const same = all.find((one) => one.status === 'open' && one.title === given.title)
    if (same) {
      const changed = changedIssue(same, given, now)
      if (equal(changed, same)) {
        const issue = shownIssue(same, now, world)
        return { onboarding: world.onboarding, outcome: 'unchanged', issue, head: null }
      }
      const message = `${world.onboarding} has the open issue ${same.number} of this title, `
        + 'and not everything else of it is the same'
      throw new OnboardError(
        'conflict', 'issue-exists', message,
        { suggestions: [`onboard issue update ${world.onboarding} ${same.number}`] },
      )
    }
    const empty: Issue = {
      number: (all.at(-1)?.number ?? 0) + 1, title: given.title, severity: given.severity, category: null, owner: null,
      status: 'open', resolution: null, actions: [], opened_at: now, clock_from: now, resolved_at: null,
    }
    return write(world, transaction, null, changedIssue(empty, given, now))
  })
}

/** Changes, resolves or reopens an issue. Throws usage where there is none of this number, or none can become so. */
export async function changeIssue(world: IssueWorld, number: number, change: IssueChange): Promise<IssueResult> {
  return world.store.transaction(async (transaction) => {
    const before = issueNumbered(await transaction.all(), number, world.onboarding)
    const after = changedIssue(before, change, transaction.now)
    if (after.status === 'resolved' && (after.resolution ?? '').trim() === '') {
      const suggestions = [`onboard issue resolve ${world.onboarding} ${number} --resolution TEXT`]
      throw new OnboardError(
        'usage', 'resolution-missing', `issue ${number} is resolved by saying how`, { suggestions },
      )
    }
    if (equal(after, before)) {
      const issue = shownIssue(before, transaction.now, world)
      return { onboarding: world.onboarding, outcome: 'unchanged', issue, head: null }
    }
    return write(world, transaction, before, after)
  })
}

export function issueNumbered(issues: readonly Issue[], number: number, onboarding: string): Issue {
  const found = issues.find((one) => one.number === number)
  if (found) return found
  const has = issues.length === 0 ? 'it has none' : `it has ${issues.map((one) => one.number).join(', ')}`
  throw new OnboardError(
    'usage', 'unknown-issue', `${onboarding} has no issue ${number}: ${has}`,
    { suggestions: [`onboard issue list ${onboarding}`] },
  )
}

async function write(
  world: IssueWorld, transaction: IssueTransaction, before: Issue | null, after: Issue,
): Promise<IssueResult> {
  const outcome = outcomeOf(before, after)
  await transaction.put(after)
  const was = before === null ? null : differing(before, after)
  const head = await transaction.append({
    kind: 'issue', key: null, run: null,
    facts: { issue: after.number, change: outcome, severity: after.severity, status: after.status },
    detail: {
      ...(was === null ? {} : { before: was }),
      after: before === null ? (after as unknown as Json) : differing(after, before), actor: { ...world.actor },
    },
  })
  return { onboarding: world.onboarding, outcome, issue: shownIssue(after, transaction.now, world), head }
}

function outcomeOf(before: Issue | null, after: Issue): IssueResult['outcome'] {
  if (before === null) return 'opened'
  if (before.status === after.status) return 'changed'
  return after.status === 'resolved' ? 'resolved' : 'reopened'
}

function changedIssue(issue: Issue, change: IssueChange, now: string): Issue {
  const severity = change.severity ?? issue.severity
  const status = change.status ?? issue.status
  const reopened = issue.status === 'resolved' && status === 'open'
  const raised = SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(issue.severity)
  return {
    ...issue,
    title: change.title ?? issue.title,
    severity,
    category: change.category ?? issue.category,
    owner: change.owner ?? issue.owner,
    status,
    resolution: reopened ? null : (change.resolution ?? issue.resolution),
    actions: closed(withAction(issue.actions, change.action), change.close, issue.number),
    // What has become worse, or is there again, is new to those who are to resolve it.
    clock_from: reopened || raised ? now : issue.clock_from,
    resolved_at: status === 'open' ? null : (issue.resolved_at ?? now),
  }
}

function withAction(actions: Issue['actions'], given: IssueChange['action']): Issue['actions'] {
  if (given === undefined) return actions
  const known = actions.find((one) => one.text === given.text)
  const { text } = given
  const item: ActionItem = {
    number: known?.number ?? actions.length + 1, text, owner: given.owner ?? known?.owner ?? null,
    due: given.due ?? known?.due ?? null, status: known?.status ?? 'open',
  }
  return known ? actions.map((one) => (one === known ? item : one)) : [...actions, item]
}

function closed(actions: Issue['actions'], number: number | undefined, issue: number): Issue['actions'] {
  if (number === undefined) return actions
  if (actions.some((one) => one.number === number)) {
    return actions.map((one) => (one.number === number ? { ...one, status: 'closed' } : one))
  }
  const has = actions.length === 0 ? 'it has none' : `it has ${actions.map((one) => one.number).join(', ')}`
  throw new OnboardError('usage', 'unknown-action-item', `issue ${issue} has no action item ${number}: ${has}`)
}

function equal(a: Issue, b: Issue): boolean {
  return canonical(a) === canonical(b)
}

/** Fields of `a` that `b` has otherwise. */
function differing(a: Issue, b: Issue): Json {
  const others = Object.entries(a).filter(([field, value]) => canonical(value) !== canonical(b[field as keyof Issue]))
  return Object.fromEntries(others) as Json
}
