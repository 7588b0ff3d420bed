import type { Head, JournalEntry, Work } from '../engine/ports.ts'
import { writtenGoLive } from '../engine/times.ts'
import { OnboardError } from '../errors.ts'
import { quote } from '../input/shell.ts'
import type { JsonObject, Person } from '../model.ts'
import { isDateText } from '../dates.ts'
import { addBusinessDays, isBusinessDay, latest } from './calendar.ts'
import { said } from './hold.ts'
import { status } from './status.ts'
import { signOffsUnder } from './upgrade.ts'

export interface RescheduleRequest {
  /** `YYYY-MM-DD` */
  readonly go_live: string
  readonly reason: string
  readonly by: Person | null
  /** Also to a date that does not leave time for what is left. */
  readonly even_if_late: boolean
}

export interface Rescheduled {
  readonly onboarding: string
  readonly outcome: 'rescheduled' | 'unchanged'
  readonly from: string
  readonly to: string
  /** The first date that leaves time for what is left. */
  readonly earliest: string
  /** false: what is left takes longer. */
  readonly fits: boolean
  /** Sign-offs that were given on the date, `phase.step`: they are asked for again. */
  readonly void: readonly string[]
  readonly head: Head | null
}

/**
 * Moves the go-live; what counts from it moves along, and what was signed with the date bound is void by its digest.
 * The same date again changes nothing.
 * @throws OnboardError usage (no date, no reason), invalid (past, no business day, before the contract, too early for
 * what is left: with a date that would do), conflict (it is live).
 */
export async function reschedule(work: Work, request: RescheduleRequest): Promise<Rescheduled> {
  const { key } = work.onboarding
  const { go_live: to, reason, by, even_if_late } = request
  const because = reason.trim() === '' ? 'TEXT' : quote(reason)
  const again = (date: string): string => `onboard reschedule ${key} --go-live ${date} --reason ${because}`
  mustBeSaid(request, again)
  const handoff = writtenGoLive(work.inputs.handoff)
  const { schedule } = await status(work)
  if (schedule === null || handoff === null) {
    throw new OnboardError(
      'invalid', 'no-go-live', `the handoff of ${key} names no go-live`,
      { suggestions: [`onboard handoff show ${key}`] },
    )
  }
  const { go_live: from, live_on } = schedule
  if (to === from) {
    const { forecast_go_live: earliest, late } = schedule
    return { onboarding: key, outcome: 'unchanged', from, to, earliest, fits: late === 0, void: [], head: null }
  }
  if (live_on !== null) {
    throw new OnboardError(
      'conflict', 'live', `${key} is live since ${live_on}: its go-live cannot be moved any more`,
      { suggestions: [`onboard status ${key}`] },
    )
  }
  mustBeADay(work, to, schedule.today, again)
  const entry = {
    kind: 'rescheduled', key: null, run: null, facts: { handoff, from, to }, detail: { reason, ...said(work, by) },
  } as const
  const next = supposing(work, entry)
  const then = (await status(next)).schedule
  const earliest = then?.forecast_go_live ?? to
  const fits = earliest <= to
  if (!fits && !even_if_late) {
    throw new OnboardError(
      'invalid', 'does-not-fit', `what is left of ${key} takes until ${earliest}, and ${to} is before that`,
      { suggestions: [again(earliest), `${again(to)} --even-if-late`] },
    )
  }
  const kept = new Set((await signOffsUnder(work)).filter(({ state }) => state === 'kept').map(({ step }) => step))
  const gone = (await signOffsUnder(next)).filter(({ step, state }) => state === 'void' && kept.has(step))
    .map(({ step }) => step)
  const head = await work.append({
    ...entry,
    facts: { ...entry.facts, ...(fits ? {} : { late: true, earliest }), ...(gone.length === 0 ? {} : { void: gone }) },
  })
  return { onboarding: key, outcome: 'rescheduled', from, to, earliest, fits, void: gone, head }
}

function mustBeSaid({ go_live: to, reason }: RescheduleRequest, again: (date: string) => string): void {
  if (!isDateText(to)) {
    throw new OnboardError(
      'usage', 'not-a-date', `--go-live ${to} is no date of the calendar (YYYY-MM-DD).`,
      { suggestions: [again('DATE')] },
    )
  }
  if (reason.trim() === '') {
    throw new OnboardError('usage', 'reason-missing', 'moving a go-live needs a reason', { suggestions: [again(to)] })
  }
}

function mustBeADay(work: Work, to: string, today: string, again: (date: string) => string): void {
  const holidays = new Set((work.inputs.config['holidays'] ?? []) as readonly string[])
  const start = (work.inputs.handoff['dates'] as JsonObject | undefined)?.['contract_start']
  const first = typeof start === 'string' ? addBusinessDays(start, 1, holidays) : today
  const refuse = (code: string, message: string, better: string) => {
    const working = addBusinessDays(latest(better, first), 0, holidays)
    return new OnboardError('invalid', code, message, { suggestions: [again(working)] })
  }
  if (to < today) throw refuse('past-date', `${to} is past: today is ${today}`, today)
  if (typeof start === 'string' && to <= start) {
    throw refuse('before-contract', `${to} is not after the contract begins (${start})`, today)
  }
  if (!isBusinessDay(to, holidays)) {
    throw refuse('not-a-business-day', `${to} is ${holidays.has(to) ? 'a holiday' : 'on a weekend'}`, to)
  }
}

/** The onboarding as it will be once an entry is there. */
function supposing(work: Work, entry: Pick<JournalEntry, 'kind' | 'key' | 'run' | 'facts' | 'detail'>): Work {
  return {
    ...work,
    reading: (look, extent, timeout) => work.reading((read, { entries, now }) => {
      const made: JournalEntry = {
        ...entry, seq: (entries.at(-1)?.seq ?? 0) + 1, at: now, session_user: '', hash: '', erased: [],
      }
      return look(read, { entries: [...entries, made], now })
    }, extent, timeout),
  }
}
