import type { PhaseStatus, ProcedureStatus, Status, StepState } from '../../onboarding/status.ts'
import { lengthOf, type Output } from '../output.ts'
import { bold, cyan, dim, green, red, yellow, type Piece, type Styled } from '../style.ts'

const MARKS: Readonly<Record<StepState, Styled>> = {
  done: green('✓'),
  ready: yellow('○'),
  waiting: cyan('✎'),
  blocked: dim('…'),
  skipped: dim('·'),
  waived: dim('w'),
  failed: red('✗'),
  undone: yellow('↺'),
}

/** One line of the list of onboardings. */
export interface Summary {
  readonly onboarding: string
  readonly company: string
  readonly runbook: string
  /** The phase that it is in; null when all is done. */
  readonly phase: string | null
  readonly done: number
  readonly total: number
  /** What keeps it where it is: the first step that failed, else that waits for a person, else that is ready. */
  readonly state: 'done' | 'failed' | 'waiting' | 'ready' | 'blocked'
  readonly next: string | null
}

export function summaryOf(status: Status): Summary {
  const [procedure] = status.procedures
  const steps = status.phases.flatMap((phase) => phase.steps)
  const has = (state: StepState) => (procedure?.steps ?? steps).some((step) => step.state === state)
  const done = status.phases.reduce((sum, phase) => sum + phase.done, 0)
  const state = done === steps.length && !procedure ? 'done' : has('failed') ? 'failed' : has('ready') || has('undone') ? 'ready' : has('waiting') ? 'waiting' : 'blocked'
  const current = status.phases.find((phase) => phase.state === 'current')
  return {
    onboarding: status.onboarding, company: status.company, runbook: `${status.runbook.name} ${status.runbook.version}`,
    phase: procedure?.id ?? current?.id ?? null, done, total: steps.length, state, next: status.next,
  }
}

export function showStatuses(onboardings: readonly Summary[], out: Output): void {
  if (onboardings.length === 0) return out.line(dim('No onboardings yet.'))
  const looks = { done: green, failed: red, waiting: cyan, ready: yellow, blocked: dim }
  out.table([
    ['CUSTOMER', 'COMPANY', 'PHASE', 'DONE', 'STATE'],
    ...onboardings.map((one): Piece[] => [bold(one.onboarding), one.company, one.phase ?? '–', `${one.done}/${one.total}`, looks[one.state](one.state)]),
  ], { head: true })
}

export function showStatus(status: Status, out: Output): void {
  out.line(bold(status.company), '  ', status.onboarding, dim(`  ${status.runbook.name} ${status.runbook.version} · opened ${out.time(status.opened_at).slice(0, 10)} · ${status.entries} journal entries`))
  const names = Math.max(...[...status.procedures, ...status.phases].flatMap((phase) => phase.steps.map((step) => lengthOf(name(step)))), 0)
  for (const phase of [...status.procedures, ...status.phases]) {
    out.line()
    out.line(phaseMark(phase), ' ', phase.state === 'pending' ? dim(phase.title) : bold(phase.title), dim(`  ${phase.done}/${phase.total}  ${phase.owner.join(', ')}`))
    if (isProcedure(phase)) out.line('  ', yellow(begunFor(phase)))
    for (const step of phase.steps) {
      const quiet = step.state === 'done' || step.state === 'skipped' || step.state === 'blocked'
      const pad = ' '.repeat(names - lengthOf(name(step)) + 2)
      out.line('  ', MARKS[step.state], ' ', name(step), pad, quiet ? dim(step.title) : step.title, dim(step.at === null ? '' : `  ${out.time(step.at)}`))
      const reason = step.state === 'blocked' && step.reason?.startsWith('needs ') ? null : step.reason
      // Who is waited for stands below, once.
      if (reason !== null && step.state !== 'waiting') out.line('      ', step.state === 'failed' ? red(reason) : dim(reason))
    }
  }
  if (status.waiting.length === 0) return
  out.line()
  out.line(bold('Waits for'))
  out.table(status.waiting.map((one): Piece[] => [one.for.join(' or '), `${one.step.phase}.${one.step.step}${one.step.instance === '' ? '' : `/${one.step.instance}`}`, dim(one.title)]), { indent: 2 })
}

function name({ key }: PhaseStatus['steps'][number]): string {
  return key.step + (key.instance === '' ? '' : `/${key.instance}`)
}

function isProcedure(phase: PhaseStatus): phase is ProcedureStatus {
  return 'occurrence' in phase
}

/** Why a procedure is under way. */
function begunFor({ occurrence, condition, issue, reason, began }: ProcedureStatus): string {
  const about = [condition, issue && `issue ${issue}`].filter(Boolean).join(', ')
  return `under way since ${began}${about === '' ? '' : ` (${about})`}: ${reason ?? '(erased)'}${occurrence > 1 ? `, for the ${occurrence}. time` : ''}`
}

function phaseMark({ state }: PhaseStatus): Piece {
  return state === 'done' ? green('●') : state === 'current' ? yellow('◐') : dim('○')
}
