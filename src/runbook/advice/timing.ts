/** Dates and durations of a runbook as far as they can be compared before a customer is there. */
import type { ASTNode } from '../cel/program.ts'
import { parseExpression } from '../cel/program.ts'
import { pathOf } from '../cel/facts.ts'
import { daysIn } from '../duration.ts'
import type { Draft, DraftPhase } from '../draft.ts'
import type { Phase } from '../../model.ts'

/** A date as so many business days after one that the handoff gives. */
export interface Moment {
  /** `handoff.dates.go_live`. */
  readonly base: string
  readonly days: number
}

/**
 * The moment that an expression names: a date of the inputs, moved by whole numbers of days; undefined: another form.
 * `calendar`: in calendar days, where it counts in no others.
 */
export function momentOf(source: string, offset = 0, calendar = false): Moment | undefined {
  const parsed = parseExpression(source)
  const moment = parsed.ok ? ofNode(parsed.program.ast, calendar) : undefined
  return moment && { ...moment, days: moment.days + offset }
}

function ofNode(node: ASTNode, calendar: boolean): Moment | undefined {
  const path = pathOf(node)
  if (path !== undefined) return { base: path, days: 0 }
  if (node.op !== 'call') return undefined
  const [name, [date, days]] = node.args
  const inner = date && ofNode(date, calendar)
  const moved = days && integer(days)
  if (inner === undefined || moved === undefined) return undefined
  if (name === 'add_business_days' && !calendar) return { base: inner.base, days: inner.days + moved }
  if (name === 'add_days') return { base: inner.base, days: inner.days + (calendar ? moved : inBusinessDays(moved)) }
  return undefined
}

/** At most so many business days lie in so many calendar days. */
function inBusinessDays(days: number): number {
  const count = Math.abs(days)
  return Math.sign(days) * (Math.floor(count / 7) * 5 + Math.min(count % 7, 5))
}

/** At least so many business days lie in so many calendar days, holidays apart. */
function atLeast(days: number): number {
  return Math.floor(days / 7) * 5 + Math.max((days % 7) - 2, 0)
}

/** Business days that a phase takes at least. */
function leastOf({ phase }: DraftPhase): number {
  const min = phase.duration?.min ?? 0
  return phase.days === 'calendar' ? atLeast(min) : min
}

function integer(node: ASTNode): number | undefined {
  if (node.op === '-_') {
    const inner = integer(node.args)
    return inner === undefined ? undefined : -inner
  }
  return node.op === 'value' && typeof node.args === 'bigint' ? Number(node.args) : undefined
}

export interface Length {
  readonly days: number
  /** The phases that take them, in order. */
  readonly chain: readonly DraftPhase[]
}

/** Business days that pass at least before a phase ends, from the start of the first one; the longest way counts. */
export function shortest(draft: Draft): (id: string) => Length {
  const byId = new Map(draft.phases.map((one) => [one.phase.id, one]))
  const found = new Map<string, Length>()
  const walk = (id: string): Length => {
    const known = found.get(id)
    if (known !== undefined) return known
    found.set(id, { days: 0, chain: [] })
    const one = byId.get(id)
    if (one === undefined) return { days: 0, chain: [] }
    const before = one.phase.needs.map(walk).reduce(
      (a, b) => (b.days > a.days ? b : a), { days: 0, chain: [] } as Length,
    )
    const own = leastOf(one)
    const length = { days: before.days + own, chain: own === 0 ? before.chain : [...before.chain, one] }
    found.set(id, length)
    return length
  }
  return walk
}

/** When a phase begins at the earliest, in business days after `base`; undefined where nothing ties it to that date. */
export function earliest(draft: Draft, base: string): (id: string) => number | undefined {
  const byId = new Map(draft.phases.map((one) => [one.phase.id, one]))
  const found = new Map<string, number | undefined>()
  const walk = (id: string): number | undefined => {
    if (found.has(id)) return found.get(id)
    found.set(id, undefined)
    const one = byId.get(id)
    if (one === undefined) return undefined
    const own = startOf(one)
    const ends = one.phase.needs.map((need) => {
      const start = walk(need)
      const needed = byId.get(need)
      return start === undefined || needed === undefined ? start : start + leastOf(needed)
    })
    const starts = [own?.base === base ? own.days : undefined, ...ends].filter((day) => day !== undefined)
    const start = starts.length === 0 ? undefined : Math.max(...starts)
    found.set(id, start)
    return start
  }
  return walk
}

/** When a phase, or a step of it, says that it begins; in business days, or in the days of the phase. */
export function startOf(
  { phase }: DraftPhase, inOwnDays = false, starts: Phase['starts'] = phase.starts,
): Moment | undefined {
  if (starts?.at === undefined) return undefined
  const calendar = phase.days === 'calendar'
  const offset = daysIn(starts.offset ?? '0d', calendar) ?? 0
  if (calendar && inOwnDays) return momentOf(starts.at, offset, true)
  return momentOf(starts.at, calendar ? (offset < 0 ? inBusinessDays(offset) : atLeast(offset)) : offset)
}

/** `contract 5 + provision 5`. */
export function inWords({ chain }: Length): string {
  return chain.map((one) => `${one.phase.id} ${leastOf(one)}`).join(' + ')
}
