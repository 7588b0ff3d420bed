import { dateIn } from './calendar.ts'
import type { Config } from './config.ts'
import { escalationOf, type Escalation, type Severity } from './escalation.ts'
import type { Issue } from './issue-store.ts'
import { staffOf, withMail } from './people.ts'
import type { OpenItem } from './tasks.ts'

interface About {
  readonly onboarding: string
  readonly company: string
  /** ISO 8601 instant. */
  readonly now: string
  readonly config: Pick<Config, 'escalation' | 'roles' | 'time_zone'>
}

/** Open issues with whoever has them now, and what is still to be done about any. */
export function issueItems(issues: readonly Issue[], { onboarding, company, now, config }: About): OpenItem[] {
  const today = dateIn(now, config.time_zone)
  const owned = (owner: string | null): Pick<OpenItem, 'assigned' | 'people'> => {
    const [found] = owner === null ? [] : withMail(staffOf(config), owner)
    const person = owner === null ? null : (found?.person ?? { name: owner, email: owner })
    return { assigned: person, people: person === null ? [] : [person.name] }
  }
  return issues.flatMap((issue): OpenItem[] => {
    const { number, title, severity, owner, status, actions } = issue
    const base = { onboarding, company, step: null, next: `onboard issue show ${onboarding} ${number}` }
    const items = actions.filter((one) => one.status === 'open').map((one): OpenItem => ({
      ...base, kind: 'action', title: one.text, for: [], ...owned(one.owner), due: one.due,
      overdue: one.due !== null && one.due < today, reason: `issue ${number}: ${title}`,
    }))
    if (status !== 'open') return items
    const now_at = escalationOf(issue, now, config.escalation, config.roles)
    const whose = owner === null
      ? { assigned: null, people: now_at?.people.map(({ name }) => name) ?? [] }
      : owned(owner)
    const open: OpenItem = {
      ...base, kind: 'issue', title, for: now_at === null ? [] : [now_at.role], ...whose,
      due: now_at === null ? null : dateIn(now_at.due, config.time_zone),
      overdue: now_at?.overdue ?? false, reason: standing(severity, now_at),
    }
    return [open, ...items]
  })
}

/** `P1, with L2; L1 missed its time` */
function standing(severity: Severity, now_at: Escalation | null): string {
  if (now_at === null) return severity
  const { level, missed } = now_at
  const whose = missed.length === 1 ? 'its' : 'their'
  return `${severity}, with ${level}${missed.length === 0 ? '' : `; ${missed.join(', ')} missed ${whose} time`}`
}
