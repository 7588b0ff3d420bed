/** Who is to be reminded today, and of what. */
import type { JsonObject, Person } from '../model.ts'
import { addBusinessDays, isBusinessDay, takeBusinessDays } from './calendar.ts'
import type { Config } from './config.ts'
import { contactsOf, sameMail, staffOf } from './people.ts'
import type { OpenItem } from './tasks.ts'

/** One mail: what waits for one person in one onboarding. */
export interface Reminder {
  readonly to: Person
  /** One of the customer's people, who types no commands. */
  readonly isCustomer: boolean
  readonly items: readonly (OpenItem & { readonly step: string })[]
}

/** Business days: how many before it is due a step is reminded of first, and how many lie between two reminders. */
export interface ReminderDays {
  readonly before: number
  readonly every: number
}

/** Where the config is silent. */
const USUAL = { before: '2d', every: '2d' } as const

export function reminderDays({ reminders }: Pick<Config, 'reminders'>): ReminderDays {
  const { before, every } = { ...USUAL, ...reminders }
  return { before: Number(before.slice(0, -1)), every: Number(every.slice(0, -1)) }
}

export interface Reminding {
  readonly items: readonly OpenItem[]
  readonly config: Pick<Config, 'roles' | 'holidays'>
  readonly handoff: JsonObject
  readonly days: ReminderDays
  /** `YYYY-MM-DD`, where the vendor is. */
  readonly today: string
  /** The day on which this person was last reminded of this step; undefined: never. */
  last(person: Person, step: string): string | undefined
}

/**
 * The mails of today, and the steps that wait for people of whom nobody knows. A step that a person or only a person's
 * help gets on is reminded of; what a machine can do is not. Nobody is reminded on a day on which nobody works.
 */
export function remindersOf(asked: Reminding): {
  readonly mails: readonly Reminder[]
  readonly nobody: readonly OpenItem[]
} {
  const { items, config, handoff, days, today, last } = asked
  const holidays = new Set(config.holidays)
  if (!isBusinessDay(today, holidays)) return { mails: [], nobody: [] }
  const mails = new Map<string, { to: Person; isCustomer: boolean; items: (OpenItem & { step: string })[] }>()
  const nobody: OpenItem[] = []
  for (const item of items) {
    const { kind, step, due } = item
    if (step === null || (kind !== 'sign' && kind !== 'blocked')) continue
    if (due !== null && today < takeBusinessDays(due, days.before, holidays)) continue
    const people = peopleFor(item, config, handoff)
    if (people.length === 0) nobody.push(item)
    for (const to of people) {
      const before = last(to, step)
      if (before !== undefined && today < addBusinessDays(before, days.every, holidays)) continue
      const key = to.email.toLowerCase()
      const isCustomer = !staffOf(config).some(({ person }) => sameMail(person.email, to.email))
      const mail = mails.get(key) ?? { to, isCustomer, items: [] }
      mails.set(key, mail)
      mail.items.push({ ...item, step })
    }
  }
  return { mails: [...mails.values()], nobody }
}

/** Whose it is in particular; else all who hold one of its roles, and of the customer's people the first contact. */
function peopleFor({ assigned, for: roles }: OpenItem, config: Pick<Config, 'roles'>, handoff: JsonObject): Person[] {
  if (assigned !== null) return [assigned]
  const staff = staffOf(config).filter(({ role }) => roles.includes(role)).map(({ person }) => person)
  const own = roles.includes('customer') && !('customer' in config.roles)
    ? contactsOf(handoff).slice(0, 1).map(({ person }) => person)
    : []
  const all = [...staff, ...own]
  return all.filter((one, n) => all.findIndex((other) => sameMail(one.email, other.email)) === n)
}

/** What the template `reminder` shows. */
export function reminderData(
  { to, isCustomer, items }: Reminder, about: { readonly customer: string; readonly vendor: Config['vendor'] },
): JsonObject {
  return {
    customer: about.customer, contact: to.name, count: items.length,
    vendor: { name: about.vendor.name, support_email: about.vendor.support_email },
    ...(isCustomer ? {} : { staff: true }),
    steps: items.map(({ title, due, overdue, reason, next }) => ({
      title, due, overdue: overdue ? true : null,
      // What is in the way here, and what is typed about it, says nothing to a customer.
      reason: isCustomer ? null : reason, command: isCustomer ? null : next,
    })),
  }
}
