import type { Person } from '../model.ts'

/** One level of the config: who has an open issue, and for how long before the next level does. */
export interface EscalationLevel {
  /** `L1` */
  readonly level: string
  readonly role: string
  /** `30m`, `4h` */
  readonly within: string
  /** Only issues of this severity come here, and come here alone. */
  readonly severity?: Severity
}

export const SEVERITIES = ['P0', 'P1', 'P2', 'P3'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Who has an open issue now, and until when. */
export interface Escalation {
  readonly level: string
  readonly role: string
  readonly people: readonly Person[]
  /** Instant by which this level must have resolved it, ISO 8601. */
  readonly due: string
  /** The last level has missed its time: there is nobody left to go to. */
  readonly overdue: boolean
  /** Levels that have missed theirs. */
  readonly missed: readonly string[]
  /** Who has it next; null at the last level. */
  readonly next: { readonly level: string; readonly role: string } | null
}

interface Clock {
  readonly severity: Severity
  /** Instant from which the first level's time counts. */
  readonly clock_from: string
}

/**
 * Where an open issue stands on the way up: each level has it for its time, by the clock on the wall, nights and
 * weekends too. Levels that the config gives to this severity take the place of all others. null: the config has none.
 */
export function escalationOf(
  { severity, clock_from }: Clock, now: string,
  levels: readonly EscalationLevel[], roles: Readonly<Record<string, readonly Person[]>>,
): Escalation | null {
  const own = levels.filter((one) => one.severity === severity)
  const ladder = own.length > 0 ? own : levels.filter((one) => one.severity === undefined)
  const missed: string[] = []
  let due = Date.parse(clock_from)
  for (const [at, { level, role, within }] of ladder.entries()) {
    due += milliseconds(within)
    const last = at === ladder.length - 1
    if (due <= Date.parse(now)) missed.push(level)
    if (due <= Date.parse(now) && !last) continue
    const after = ladder[at + 1]
    return {
      level, role, people: roles[role] ?? [], due: new Date(due).toISOString(), overdue: due <= Date.parse(now), missed,
      next: after === undefined ? null : { level: after.level, role: after.role },
    }
  }
  return null
}

/** `30m`, `4h`, `2d` in milliseconds. */
function milliseconds(within: string): number {
  const [, count = '0', unit = 'm'] = /^(\d+)([mhd])$/.exec(within) ?? []
  return Number(count) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'm' | 'h' | 'd']
}
