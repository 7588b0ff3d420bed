import { addBusinessDays, businessDays } from '../cel/functions.ts'
import type { Advice, AdviceContext } from './advice.ts'
import { inWords, type Length, momentOf, shortest, startOf } from './timing.ts'

export const timeShort: Advice = {
  name: 'time-short',
  level: 'error',
  inOrder: true,
  finds: 'Durations that do not fit before a given go-live: onboard runbook lint --go-live DATE.',
  instead: 'Even the shortest way takes longer. Agree a later go-live, or let phases run side by side.',
  check(context) {
    const { draft, settings, say } = context
    const { dates } = settings
    if (dates === null) return
    const length = shortest(draft)
    for (const phase of draft.phases) {
      const starts = startOf(phase)
      if (phase.procedure || starts === undefined || !isGoLive(starts.base)) continue
      const before = phase.phase.needs.map(length).reduce(
        (a, b) => (b.days > a.days ? b : a), { days: 0, chain: [] } as Length,
      )
      const message = trouble(context, before, starts.days, `phase '${phase.phase.id}' begins`)
      if (message !== undefined) say(phase.document, ['starts', 'at'], message)
    }
    for (const { milestone, path } of draft.milestones) {
      const due = momentOf(milestone.by)
      if (due === undefined || !isGoLive(due.base)) continue
      const held = milestone.holds.map((name) => length(name.split('.')[0] ?? ''))
      const longest = held.reduce((a, b) => (b.days > a.days ? b : a), { days: 0, chain: [] } as Length)
      const message = trouble(context, longest, due.days, `'${milestone.id}' is due`)
      if (message !== undefined) say(draft.document, [...path, 'by'], message)
    }
  },
}

function isGoLive(base: string): boolean {
  return /(?:^|\.)go_live$/.test(base)
}

function trouble({ settings }: AdviceContext, needed: Length, offset: number, what: string): string | undefined {
  const { dates, config } = settings
  if (dates === null) return undefined
  const holidays = Array.isArray(config?.['holidays']) ? config['holidays'].map(String) : []
  const date = addBusinessDays(dates.go_live, BigInt(offset), holidays)
  const available = Number(businessDays(dates.from, date, holidays))
  if (available >= needed.days) return undefined
  const there = available < 0 ? 'and that has passed' : `and there are ${available}`
  const least = `at least ${needed.days} business days are needed (${inWords(needed)})`
  return `${what} on ${date}: from ${dates.from} on ${least}, ${there}`
}
