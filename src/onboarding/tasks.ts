import { keyText } from '../engine/keys.ts'
import type { JournalEntry, Work } from '../engine/ports.ts'
import { waiverHolds } from '../engine/readiness.ts'
import { foldRecords } from '../engine/records.ts'
import type { Person, Runbook } from '../model.ts'
import { assignedOf } from './assigned.ts'
import { addBusinessDays } from './calendar.ts'
import { sameMail } from './people.ts'
import { status, type Status, type StepStatus } from './status.ts'

/** Something that somebody has to do. */
export interface OpenItem {
  readonly onboarding: string
  readonly company: string
  /**
   * sign: a word is needed. apply: a machine can go on. blocked: only a person can get it on, or it failed and may be waived. waiver: it ends soon.
   * issue: it is open. action: it is still to be done about an issue.
   */
  readonly kind: 'sign' | 'apply' | 'blocked' | 'waiver' | 'issue' | 'action'
  /** `phase.step`, with `/instance` where it repeats; null where it is about several steps. */
  readonly step: string | null
  readonly title: string
  /** Roles of which one person does it. */
  readonly for: readonly string[]
  /** Their names, as far as they are known. */
  readonly people: readonly string[]
  /** Whose it is in particular. */
  readonly assigned: Person | null
  /** By when, `YYYY-MM-DD`; null where nobody says. */
  readonly due: string | null
  readonly overdue: boolean
  readonly reason: string | null
  readonly next: string
}

/** Whose items are wanted; null: everybody's. */
export interface Whose {
  readonly email: string | null
  /** Roles of that person, or the one that was asked for. */
  readonly roles: readonly string[] | null
}

/** A waiver that ends within so many business days is somebody's business. */
const SOON = 5
/** Machine steps are run by these. */
const MACHINE = 'engineering'

/** Kinds of the entries that `openItems` is to be given. */
export const MARKS = ['assigned', 'waived'] as const

/**
 * What is open in one onboarding, in no particular order; nothing where it was cancelled. `marks` are the entries of its
 * journal that say whose a step is, and until when it is waived.
 */
export async function openItems(work: Work, marks: readonly JournalEntry[]): Promise<OpenItem[]> {
  if (work.onboarding.cancelled_at) return []
  const now = await status(work)
  const assigned = assignedOf(marks)
  const day = String(work.inputs.onboarding['today'])
  const waivers = waiversIn(marks, day)
  const { onboarding, company } = now
  const item = (one: Omit<OpenItem, 'onboarding' | 'company' | 'assigned' | 'people' | 'overdue'> & { readonly people?: readonly string[]; readonly overdue?: boolean }): OpenItem => ({
    onboarding, company, people: [], overdue: one.due !== null && one.due < day, assigned: one.step === null ? null : (assigned.get(one.step) ?? null), ...one,
  })
  const steps = [...now.phases, ...now.procedures].flatMap((phase) => phase.steps.map((step) => ({ phase, step })))
  const dueOf = (phase: string) => now.schedule?.phases.find(({ id }) => id === phase)?.planned.end ?? null
  const signs = now.waiting.map(({ step, title, for: roles, people, due, overdue, next }) =>
    item({
      kind: 'sign', step: keyText(step), title, for: roles, people, due, overdue, reason: null,
      next: next ?? `onboard status ${onboarding}`,
    }))
  // What failed and may be waived is told to those who may, once.
  const ready = steps.filter(({ step: { state, next } }) => state === 'ready' || (state === 'failed' && next === null) || state === 'undone')
  const blocked = steps.filter(({ step }) => (step.state === 'blocked' || step.state === 'failed') && step.next !== null).map(({ phase, step }) =>
    item({
      kind: 'blocked', step: keyText(step.key), title: step.title, for: ableTo(work.runbook, step, phase.owner, step.next),
      due: dueOf(phase.id), reason: step.reason, next: step.next ?? '',
    }))
  const ending = waivers.filter(({ until }) => until <= soon(work, day)).flatMap(({ name, until }) => {
    const found = steps.find(({ step }) => keyText(step.key) === name && step.state === 'waived')
    if (!found) return []
    const { step, phase } = found
    const next = `onboard waive ${onboarding} ${name} --reason TEXT --until DATE`
    return [item({ kind: 'waiver', step: name, title: step.title, for: ableTo(work.runbook, step, phase.owner, next), due: until, reason: `its waiver ends on ${until}`, next })]
  })
  return [...signs, ...machine(now, ready, item), ...blocked, ...ending]
}

type Make = (one: Omit<OpenItem, 'onboarding' | 'company' | 'assigned' | 'people' | 'overdue'>) => OpenItem

/** All that a machine can do now is one command. */
function machine(
  now: Status, ready: readonly { readonly phase: { readonly id: string }; readonly step: StepStatus }[], item: Make,
): OpenItem[] {
  const [first] = ready
  if (first === undefined || now.schedule?.held) return []
  const failed = ready.filter(({ step }) => step.state === 'failed')
  const due = now.schedule?.phases.find(({ id }) => id === first.phase.id)?.planned.end ?? null
  const odd = ready.find(({ step }) => step.reason !== null)?.step
  const reason = failed[0] === undefined ? (odd === undefined ? null : `${keyText(odd.key)}: ${odd.reason}`) : `${keyText(failed[0].step.key)} failed: ${failed[0].step.reason ?? 'see the log'}`
  const one = ready.length === 1 ? keyText(first.step.key) : null
  const title = one === null ? `${ready.length} steps can be applied` : first.step.title
  return [
    item({ kind: 'apply', step: one, title, for: [MACHINE], due, reason, next: `onboard apply ${now.onboarding}` }),
  ]
}

/** What is overdue first, then by the day on which it is due; what has no day last. */
export function inOrder(items: readonly OpenItem[]): OpenItem[] {
  const rank = ({ overdue, due }: OpenItem) => `${overdue ? 0 : 1}${due ?? '9999'}`
  return items.toSorted((a, b) => {
    const [one, other] = [rank(a), rank(b)]
    return one < other ? -1 : one > other ? 1 : a.onboarding < b.onboarding ? -1 : 1
  })
}

/** Those that are a person's or a role's: what was given to somebody else is not. */
export function isOf({ assigned, for: roles }: OpenItem, whose: Whose): boolean {
  if (whose.email !== null && assigned !== null) return sameMail(assigned.email, whose.email)
  return whose.roles === null || whose.roles.some((role) => roles.includes(role))
}

/** The waivers that hold. */
function waiversIn(marks: readonly JournalEntry[], today: string): { readonly name: string; readonly until: string }[] {
  return [...foldRecords(marks)].flatMap(([name, { waived }]) => {
    const until = String(waived?.facts['until'])
    return waived && waiverHolds(until, today) ? [{ name, until }] : []
  })
}

/** Who gets a blocked step on: those who may waive it, where that is the way, and its owners, who may mend what blocks it. */
function ableTo(runbook: Runbook, step: StepStatus, phase: readonly string[], next: string | null): readonly string[] {
  const owners = ownersOf(step, phase)
  if (next?.startsWith('onboard waive ') !== true) return owners
  const written = [...runbook.phases, ...runbook.procedures].find(({ id }) => id === step.key.phase)?.steps.find(({ id }) => id === step.key.step)
  return [...new Set([...(written?.waivable_by ?? []), ...owners])]
}

function ownersOf(step: StepStatus, phase: readonly string[]): readonly string[] {
  return step.owner.length > 0 ? step.owner : phase
}

function soon(work: Work, today: string): string {
  return addBusinessDays(today, SOON, new Set((work.inputs.config['holidays'] ?? []) as readonly string[]))
}
