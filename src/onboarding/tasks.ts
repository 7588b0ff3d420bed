import type { Person } from '../model.ts'
import { addBusinessDays } from './calendar.ts'
import type { Config } from './config.ts'
import type { KeptRunbook, Lasting, ListedStep } from './kept.ts'
import { sameMail } from './people.ts'
import type { Dates } from './schedule.ts'
import { datesOn, dueDate, plannedEnd } from './summary.ts'

/** Something that somebody has to do. */
export interface OpenItem {
  readonly onboarding: string
  readonly company: string
  /**
   * sign: a word is needed. apply: a machine can go on. blocked: only a person can get it on, or it failed and may be
   * waived. waiver: it ends soon. issue: it is open. action: it is still to be done about an issue.
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

/** What the items of a day are told by, for all onboardings alike. */
interface Telling {
  /** Where the vendor is, `YYYY-MM-DD`. */
  readonly today: string
  readonly config: Pick<Config, 'holidays' | 'roles'>
}

/** What an item says beside what lasts. */
interface Whom {
  /** Who a step was given to, by its name. */
  readonly assigned: ReadonlyMap<string, Person>
  /** Name of the customer's first contact. */
  readonly contact: string | null
}

type Told = (lasting: Lasting, runbook: KeptRunbook, whom: Whom) => OpenItem[]

/** What is open on a day, by what lasts of an onboarding, in no particular order. Pure. */
export function itemsOn({ today, config: { holidays = [], roles } }: Telling): Told {
  const datesFrom = datesOn(today, holidays)
  const soon = addBusinessDays(today, SOON, new Set(holidays))
  return (lasting, runbook, { assigned, contact }) => {
    const { onboarding, company, waiting, open, waived } = lasting
    if (waiting.length + open.length + waived.length === 0) return []
    const dates = datesFrom(lasting, runbook.phases)
    const about = (step: string): ListedStep => (
      runbook.steps[step.split('/', 1)[0] ?? ''] ?? { title: step, owner: [], waivable_by: [] }
    )
    const item: Make = (one) => ({
      onboarding, company, people: [], overdue: one.due !== null && one.due < today,
      assigned: one.step === null ? null : (assigned.get(one.step) ?? null), ...one,
    })
    const namesOf = (role: string): readonly string[] => {
      const named = (roles[role] ?? []).map(({ name }) => name)
      return named.length > 0 || role !== 'customer' || contact === null ? named : [contact]
    }
    const signs = waiting.map((one) => item({
      kind: 'sign', step: one.step, title: about(one.step).title, for: one.for, people: one.for.flatMap(namesOf),
      due: dueDate(one, dates), reason: null, next: one.next,
    }))
    const blocked = open.flatMap(({ step, state, reason, next }) => {
      if (next === null || (state !== 'blocked' && state !== 'failed')) return []
      const { title } = about(step)
      const due = plannedEnd(step, dates)
      return [item({ kind: 'blocked', step, title, for: ableTo(about(step), next), due, reason, next })]
    })
    const ending = waived.filter(([, until]) => until <= soon).map(([step, until]) => {
      const next = `onboard waive ${onboarding} ${step} --reason TEXT --until DATE`
      const reason = `its waiver ends on ${until}`
      const { title } = about(step)
      return item({ kind: 'waiver', step, title, for: ableTo(about(step), next), due: until, reason, next })
    })
    return [...signs, ...(dates?.held ? [] : machine(lasting, about, dates, item)), ...blocked, ...ending]
  }
}

type Make = (
  one: Omit<OpenItem, 'onboarding' | 'company' | 'assigned' | 'people' | 'overdue'> & Partial<Pick<OpenItem, 'people'>>,
) => OpenItem

/** All that a machine can do now is one command. What failed and may be waived is told to those who may, once. */
function machine(
  { onboarding, open }: Lasting, about: (step: string) => ListedStep, dates: Dates | null, item: Make,
): OpenItem[] {
  const ready = open.filter(({ state, next }) => (
    state === 'ready' || state === 'undone' || (state === 'failed' && next === null)
  ))
  const [first] = ready
  if (first === undefined) return []
  const failed = ready.find(({ state }) => state === 'failed')
  const odd = ready.find((one) => one.reason !== null)
  const why = odd === undefined ? null : `${odd.step}: ${odd.reason}`
  const reason = failed === undefined ? why : `${failed.step} failed: ${failed.reason ?? 'see the log'}`
  const one = ready.length === 1 ? first.step : null
  const title = one === null ? `${ready.length} steps can be applied` : about(one).title
  const due = plannedEnd(first.step, dates)
  return [item({ kind: 'apply', step: one, title, for: [MACHINE], due, reason, next: `onboard apply ${onboarding}` })]
}

/** What is overdue first, then by the day on which it is due; what has no day last. */
export function inOrder(items: readonly OpenItem[]): OpenItem[] {
  const rank = ({ overdue, due }: OpenItem) => `${overdue ? 0 : 1}${due ?? '9999'}`
  return items.toSorted((a, b) => {
    const [one, other] = [rank(a), rank(b)]
    if (one !== other) return one < other ? -1 : 1
    return a.onboarding < b.onboarding ? -1 : a.onboarding > b.onboarding ? 1 : 0
  })
}

/** Those that are a person's or a role's: what was given to somebody else is not. */
export function isOf({ assigned, for: roles }: OpenItem, whose: Whose): boolean {
  if (whose.email !== null && assigned !== null) return sameMail(assigned.email, whose.email)
  return whose.roles === null || whose.roles.some((role) => roles.includes(role))
}

/** Who gets a blocked step on: its owners, who may mend what blocks it, and where it is waived first those who may. */
function ableTo({ owner, waivable_by }: ListedStep, next: string): readonly string[] {
  return next.startsWith('onboard waive ') ? [...new Set([...waivable_by, ...owner])] : owner
}
