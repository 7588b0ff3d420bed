/** Runs one test of a runbook: offline, against fake actions, with a clock that is moved. */
import { apply } from '../../engine/apply.ts'
import { keyText } from '../../engine/keys.ts'
import type { RunResult, Work } from '../../engine/ports.ts'
import { procedureOf, type Beginning } from '../../engine/procedure.ts'
import { OnboardError } from '../../errors.ts'
import type { JsonObject, Outcome, Runbook } from '../../model.ts'
import { dateIn } from '../calendar.ts'
import type { Config } from '../config.ts'
import { configContext } from '../config.ts'
import { checkHandoff, errorsOf, type HandoffSource } from '../handoff.ts'
import { beginningOf, underWay } from '../procedures.ts'
import { sign } from '../sign.ts'
import { status } from '../status.ts'
import { waive } from '../waive.ts'
import type { Reached } from './coverage.ts'
import { judge, type Seen, type SeenStep } from './judge.ts'
import { merged, type Given, type Moment, type RehearsalTest } from './script.ts'
import { staged, type Props, type StagedJournal } from './stage.ts'
import { varied } from './vary.ts'

type Path = readonly (string | number)[]

/** What a test needs of its surroundings. */
export interface Stage extends Props {
  readonly config: Config
  /** The bytes of an input: of a file, or of a value in the test. */
  source(given: string | JsonObject, name: string): HandoffSource
  /** An empty journal with its clock at an instant. */
  journal(start: string): StagedJournal
}

export interface Failure {
  /** In the test's file, from the test on. */
  readonly path: Path
  readonly message: string
}

export interface Rehearsed extends Reached {
  readonly failures: readonly Failure[]
}

const NOWHERE: Reached = { outcomes: [], rows: [] }

/** Runs one test to its end, also past what was not as expected. */
export async function rehearse(test: RehearsalTest, stage: Stage): Promise<Rehearsed> {
  const config = merged(configContext(stage.config), test.config ?? {}) as unknown as Config
  const start = instantOf(test.clock, '')
  if (start === undefined) return { failures: [{ path: ['clock'], message: `${test.clock} is no date` }], ...NOWHERE }
  const handoff = varied(stage.source(test.handoff, 'handoff'), test.but)
  const discovery = test.discovery === undefined ? undefined : stage.source(test.discovery, 'discovery')
  const checked = checkHandoff(handoff, { discovery, config, today: dateIn(start, config.time_zone) })
  if (checked.document === null || errorsOf(checked.diagnostics).length > 0) {
    const failures = errorsOf(checked.diagnostics).map(({ file, line, col, message }) => (
      { path: ['handoff'], message: `${file}:${line}:${col}: ${message}` }
    ))
    return { failures, ...NOWHERE }
  }
  const journal = stage.journal(start)
  const given = new Map<string, Given>()
  const work = staged(stage, checked, config, journal, (step) => given.get(step) ?? given.get(step.split('/')[0] ?? ''))
  const failures: Failure[] = []
  const outcomes: [string, Outcome][] = []
  for (const [at, moment] of [test as Moment, ...(test.then ?? [])].entries()) {
    const path: Path = at === 0 ? [] : ['then', at - 1]
    const say = (where: Path, message: string) => failures.push({ path: [...path, ...where], message })
    const to = moment.clock === undefined ? journal.now() : instantOf(moment.clock, journal.now())
    if (to === undefined) say(['clock'], `${moment.clock} is no date`)
    else if (to < journal.now()) say(['clock'], `${moment.clock} lies before ${journal.now()}`)
    else journal.moveTo(to)
    for (const [step, how] of Object.entries(moment.given ?? {})) given.set(step, how)
    const seen = await play(work, moment, dateIn(journal.now(), config.time_zone), say)
    for (const [step, { outcome }] of seen.steps) outcomes.push([step, outcome])
    judge(seen, moment.expect ?? {}, say)
  }
  return { failures, outcomes, rows: await rowsThatCounted(work) }
}

/** `phase.step 2` of each decision that was taken. */
async function rowsThatCounted(work: Work): Promise<readonly string[]> {
  return work.reading(async (_read, { entries }) => entries.flatMap(({ kind, key, detail }) => {
    const row = kind === 'probed' && key ? (detail['outputs'] as { row?: unknown } | null | undefined)?.row : undefined
    return typeof row === 'number' && key ? [`${key.phase}.${key.step} ${row}`] : []
  }))
}

/** Waivers, then `apply` and the answers that are asked for, until nothing moves any more. */
async function play(
  work: Work, moment: Moment, today: string, say: (path: Path, message: string) => void,
): Promise<Seen> {
  const waivers = new Map(Object.entries(moment.waivers ?? {}))
  const answers = new Map(Object.entries(moment.answers ?? {}))
  const steps = new Map<string, SeenStep>()
  let run: RunResult
  let beginning = moment.begin === undefined ? undefined : beginningIn(work.runbook, moment.begin, say)
  for (;;) {
    run = await apply(work, beginning === undefined ? {} : { begin: beginning })
    beginning = undefined // once: it may have ended by the next
    for (const { key, outcome, reason, changes } of run.steps) {
      // Before it was known what it repeats over it stood there without an instance.
      if (key.instance !== '') steps.delete(`${key.phase}.${key.step}`)
      const before = steps.get(keyText(key))
      const kept = before?.outcome === 'changed' && outcome === 'unchanged'
      steps.set(keyText(key), kept ? before : { outcome, reason, changes })
    }
    const moved = (await waiveOpen(work, run, waivers, today, say)) || (await answerOpen(work, answers, say))
    // While a procedure is under way phases rest; they go on in the run after the one that ends it.
    const ofProcedure = run.steps.some(({ key }) => work.runbook.procedures.some(({ id }) => id === key.phase))
    const ended = ofProcedure && !(await underWay(work))
    if (!moved && !ended) break
  }
  for (const step of answers.keys()) say(['answers', step], `${step} was not asked: ${standing(steps.get(step))}`)
  for (const step of waivers.keys()) say(['waivers', step], `${step} was not waived: ${standing(steps.get(step))}`)
  const { waiting, milestones } = await status(work)
  const asked = waiting.map(({ step, for: roles }) => [keyText(step), roles] as const)
  return { steps, milestones, waiting: new Map(asked), exit: run.exit }
}

/** The procedure that a moment begins; what is wrong with that is said, and nothing begins. */
function beginningIn(
  runbook: Runbook, { procedure, condition, issue, reason }: NonNullable<Moment['begin']>,
  say: (path: Path, message: string) => void,
): Beginning | undefined {
  try {
    return beginningOf(
      procedureOf(runbook, procedure, 'this test'),
      { condition, issue, reason, customer: 'CUSTOMER', retype: `onboard ${procedure} CUSTOMER` },
    )
  } catch (error) {
    if (!(error instanceof OnboardError)) throw error
    say(['begin'], error.message)
    return undefined
  }
}

async function waiveOpen(
  work: Work, run: RunResult, waivers: Map<string, { as: string; reason: string; until: string }>, today: string,
  say: (path: Path, message: string) => void,
): Promise<boolean> {
  let moved = false
  for (const [step, { as, reason, until }] of waivers) {
    const open = run.steps.some(({ key, outcome }) => (
      keyText(key) === step && ['waiting', 'blocked', 'failed'].includes(outcome)
    ))
    if (!open) continue
    waivers.delete(step)
    const waiver = { step, by: person(as), roles: [as], reason, until, today }
    moved = (await tried(() => waive(work, waiver), ['waivers', step], say)) || moved
  }
  return moved
}

async function answerOpen(
  work: Work, answers: Map<string, NonNullable<Moment['answers']>[string]>, say: (path: Path, message: string) => void,
): Promise<boolean> {
  let moved = false
  for (const { step } of (await status(work)).waiting) {
    const name = keyText(step)
    const answer = answers.get(name)
    if (answer === undefined) continue
    answers.delete(name)
    const { as, evidence = [], note = null, values } = typeof answer === 'string' ? { as: answer } : answer
    const files = evidence.map((file) => ({ name: file, bytes: new TextEncoder().encode(file) }))
    const filled = values === undefined ? {} : { values }
    const word = { step: name, signer: person(as), roles: [as], note, evidence: files, ...filled }
    moved = (await tried(() => sign(work, word), ['answers', name], say)) || moved
  }
  return moved
}

async function tried(
  work: () => Promise<unknown>, path: Path, say: (path: Path, message: string) => void,
): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!(error instanceof OnboardError)) throw error
    say(path, error.message)
    return false
  }
}

function person(role: string): { name: string; email: string } {
  return { name: `Somebody of ${role}`, email: `${role}@vendor.example` }
}

function standing(step: { readonly outcome: string; readonly reason: string | null } | undefined): string {
  if (step === undefined) return 'there is no such step'
  return step.reason === null ? `it is ${step.outcome}` : `it is ${step.outcome} (${step.reason})`
}

/** A date (nine in the morning, UTC), an instant, or so much later than now: `+3d`, `+36h`. */
function instantOf(text: string, now: string): string | undefined {
  const [, count, unit] = /^\+(\d{1,4})([dh])$/.exec(text) ?? []
  if (count !== undefined && now !== '') {
    const later = Number(count) * (unit === 'd' ? 86_400_000 : 3_600_000)
    return new Date(Date.parse(now) + later).toISOString()
  }
  const time = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T09:00:00Z` : text)
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
