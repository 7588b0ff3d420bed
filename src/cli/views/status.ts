import type { PhaseStatus, ProcedureStatus, StepStatus } from '../../onboarding/standing.ts'
import type { Status } from '../../onboarding/status.ts'
import type { PhaseSchedule, Schedule } from '../../onboarding/schedule.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, cyan, dim, green, red, yellow, type Piece } from '../style.ts'
import { showMilestones } from './milestones.ts'
import { HEALTH, MARKS, phaseMark } from './status-marks.ts'
import { clip } from './value.ts'

/** How much of each part fits on one screen with the rest. */
const SHOWN = { steps: 6, shifts: 2 }

/**
 * One onboarding on one screen: the phases with their dates, what is open in the current one, what moved, what is next.
 */
export function showStatus(status: Status, out: Output, all = false, issues: () => void = () => undefined): void {
  const { company, onboarding, runbook, opened_at, entries, schedule } = status
  const opened = out.time(opened_at).slice(0, 10)
  const about = `${runbook.name} ${runbook.version} · opened ${opened} · ${entries} journal entries`
  out.line(
    bold(company), '  ', onboarding, '  ',
    dim(clip(about, Math.max(20, out.width - lengthOf([company, onboarding]) - 4))),
  )
  out.line(...(status.cancelled === null ? headline(status, schedule) : gone(status.cancelled, out)))
  if (status.why.length > 0) {
    out.line(HEALTH[status.health](clip(`${status.health}: ${status.why.join('; ')}`, out.width)))
  }
  issues()
  const phases: readonly PhaseStatus[] = [...status.procedures, ...status.phases]
  const head: Piece[] = ['  PHASE', 'WHO', ...(schedule === null ? [] : ['PLANNED', 'WAS, OR ~WILL BE']), 'DONE']
  const rows = phases.map((phase) => (
    row(phase, schedule && schedule.phases.find(({ id }) => id === phase.id), out.width)
  ))
  const widths = [head, ...rows].reduce<number[]>(
    (wide, cells) => cells.map((cell, at) => Math.max(wide[at] ?? 0, lengthOf(cell))), [],
  )
  const line = (cells: readonly Piece[]): Piece => cells.map((cell, column) => {
    const gap = (widths[column] ?? 0) - lengthOf(cell) + 2
    return [cell, ' '.repeat(Math.max(0, gap))]
  })
  out.line(dim(line(head)))
  const current = phases.filter(({ state }) => state === 'current').length
  const most = Math.max(2, Math.floor(SHOWN.steps / current))
  phases.forEach((phase, at) => {
    out.line(line(rows[at] ?? []))
    if (isProcedure(phase)) out.line('  ', yellow(begunFor(phase)))
    if (all) phase.steps.forEach((step) => showStep(step, status, out))
    else if (phase.state === 'current') showOpen(phase.steps, status, out, most)
  })
  if (status.milestones.length > 0) showMilestones(status.milestones, out, all)
  showShifts(schedule, out, all)
}

function gone({ at, reason, purged_at }: NonNullable<Status['cancelled']>, out: Output): Piece[] {
  const purged = purged_at === null ? '' : dim(`, purged ${out.time(purged_at).slice(0, 10)}`)
  return [
    yellow(`cancelled ${out.time(at).slice(0, 10)}`), purged,
    reason === null ? '' : `: ${clip(reason, Math.max(20, out.width - 44))}`,
  ]
}

function headline({ health, why, phases, procedures }: Status, schedule: Schedule | null): Piece[] {
  const done = procedures.length === 0 && phases.every(({ state }) => state === 'done')
  const mark: Piece = why.length > 0 ? '' : HEALTH[health](done ? 'done' : health)
  if (schedule === null) return [mark]
  const { go_live, forecast_go_live, live_on, held } = schedule
  const dates = live_on === null
    ? `go-live ${go_live} · forecast ${forecast_go_live}`
    : `live since ${live_on} · ends ${schedule.ends}`
  const stands = held === null ? '' : yellow(` · held${held.by === null ? '' : ` by ${held.by}`}`)
  return [dates, stands, why.length > 0 ? '' : ' · ', mark]
}

/**
 * Mark, title, people, planned, actual or forecast, steps.
 * @param dates undefined of a procedure, null where nothing is dated
 */
function row(phase: PhaseStatus, dates: PhaseSchedule | undefined | null, width: number): Piece[] {
  const looks = { current: bold, pending: dim, done: (title: string): Piece => title }
  const room = Math.max(12, Math.min(28, width - 61))
  const who = phase.people.length === 0 ? phase.owner.join(', ') : phase.people.join(', ')
  const title = phase.title.length <= room ? looks[phase.state](phase.title) : clip(phase.title, room)
  const span = dates === null ? [] : spanOf(dates)
  return [[phaseMark(phase), ' ', title], dim(clip(who, 12)), ...span, dim(counted(phase))]
}

/** Planned, and what became of it. */
function spanOf(dates: PhaseSchedule | undefined): Piece[] {
  if (dates === undefined) return ['', '']
  const { start, end } = dates.planned
  return [dim(`${day(start)} – ${day(end)}`), became(dates)]
}

function counted({ done, total }: PhaseStatus): string {
  return total === 0 ? 'not needed' : `${done}/${total}`
}

/** What became of it: its days, with the forecast in place of those that have not come. */
function became({ actual, forecast, late, overdue }: PhaseSchedule): Piece {
  if (actual.end !== null) return `${day(actual.start ?? actual.end)} – ${day(actual.end)}`
  const days = `${actual.start === null ? '~' : ''}${day(actual.start ?? forecast.start)} – ~${day(forecast.end)}`
  return late === 0 ? dim(days) : (overdue > 0 ? red : yellow)(`${days} +${late}d`)
}

/** The steps of the current phase that are not settled, those whose turn it is first. */
function showOpen(steps: readonly StepStatus[], status: Status, out: Output, most: number): void {
  const open = steps.filter((step) => !['done', 'skipped', 'waived'].includes(step.state) && !needsAnother(step))
  const waived = steps.filter(({ state }) => state === 'waived')
  const shown = [...open, ...waived]
  for (const step of shown.slice(0, most)) showStep(step, status, out)
  if (shown.length > most) out.line('    ', dim(`and ${shown.length - most} more: --all`))
}

function showStep(step: StepStatus, status: Status, out: Output): void {
  const quiet = step.state === 'done' || step.state === 'skipped' || step.state === 'blocked'
  const said = about(step, status, out)
  const used = lengthOf(name(step)) + 8
  const room = Math.max(10, out.width - used - lengthOf(said) - 2)
  const title = clip(step.title, room)
  out.line(
    '    ', MARKS[step.state], ' ', name(step), '  ', quiet ? dim(title) : title,
    lengthOf(said) === 0 ? '' : ['  ', said],
  )
}

/** It waits for nothing but another step. */
function needsAnother({ state, reason }: StepStatus): boolean {
  return state === 'blocked' && reason?.startsWith('needs ') === true
}

function about(step: StepStatus, { waiting }: Status, out: Output): Piece {
  const { phase, step: id, instance } = step.key
  const one = waiting.find(({ step: key }) => key.phase === phase && key.step === id && key.instance === instance)
  if (one !== undefined) {
    const who = one.people.length === 0 ? one.for.join(' or ') : one.people.slice(0, 2).join(' or ')
    return [
      cyan(who), dim(` since ${day(one.since)}`),
      one.due === null ? '' : (one.overdue ? red : dim)(`${one.overdue ? ', overdue since' : ', by'} ${day(one.due)}`),
    ]
  }
  if (step.state === 'failed') return red(clip(step.reason ?? 'failed', Math.max(20, out.width - 40)))
  if (step.reason !== null && !needsAnother(step)) return dim(clip(step.reason, Math.max(20, out.width - 40)))
  return step.at === null || step.state !== 'done' ? '' : dim(out.time(step.at).slice(5))
}

function showShifts(schedule: Schedule | null, out: Output, all: boolean): void {
  const shifts = schedule?.shifts ?? []
  if (shifts.length === 0) return
  out.line()
  const shown = all ? shifts : shifts.slice(-SHOWN.shifts)
  for (const { text, days } of shown) {
    out.line('  ', days < 0 ? green('◂') : yellow('▸'), ' ', all ? text : clip(text, out.width - 5))
  }
  if (shown.length < shifts.length) out.line('    ', dim(`and ${shifts.length - shown.length} earlier: --all`))
}

/** `02-26`: the year stands above. */
function day(date: string): string {
  return date.slice(5)
}

function name({ key }: StepStatus): string {
  return key.step + (key.instance === '' ? '' : `/${key.instance}`)
}

function isProcedure(phase: PhaseStatus): phase is ProcedureStatus {
  return 'occurrence' in phase
}

/** Why a procedure is under way. */
function begunFor({ id, occurrence, condition, issue, reason, began }: ProcedureStatus): string {
  const about = [condition, issue && `issue ${issue}`].filter(Boolean).join(', ')
  return `${id}/${occurrence} is under way since ${began}${about === '' ? '' : ` (${about})`}: ${reason ?? '(erased)'}`
}
