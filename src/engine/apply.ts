import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { asOnboardError, OnboardError, worstExit } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Outcome, Plan, StepResult } from '../model.ts'
import { Group, GroupLost, isGone, sharesTransaction } from './group.ts'
import { keyText } from './keys.ts'
import { exitOf } from './outcome.ts'
import { remembering } from './past.ts'
import { PENDING, plan as makePlan } from './plan.ts'
import type { Head, RunResult, Session, Work } from './ports.ts'
import { begin, type Beginning, Ending, supposing } from './procedure.ts'
import { recorded } from './recorded.ts'
import type { Recorded } from './recorded.ts'
import { cancellationOf, refuseCancelled } from './cancelled.ts'
import { refuseOutdated } from './current.ts'
import { refuseHeld } from './held.ts'
import { foldRecords } from './records.ts'
import { blocked, take, type Ended } from './take.ts'
import { EVERYTHING, Walk } from './walk.ts'
import type { Extent, Turn } from './walk.ts'

export interface ApplyOptions {
  readonly extent?: Extent
  /** A saved plan: refused where the world or the inputs moved since. */
  readonly plan?: Plan
  /** Begins a procedure first, or goes on with it where it is under way for the same reason. */
  readonly begin?: Beginning
}

/** A run with what it has told so far, by key: how each step ended. */
interface Running {
  readonly work: Work
  readonly session: Session
  readonly run: string
  readonly extent: Extent
  readonly told: Map<string, { readonly result: StepResult; readonly ended: Ended }>
}

/**
 * Looks at the world, does what is ready, and stops where a person or a date is needed. Running it again is always
 * right. Throws before any effect: locked or stale (conflict), no place for a secret (usage); what a step meets is its
 * outcome.
 */
export async function apply(work: Work, options: ApplyOptions = {}): Promise<RunResult> {
  const run = randomUUID()
  const extent = options.plan?.scope ?? options.extent ?? EVERYTHING
  const session = remembering(work, await work.session(run), run)
  try {
    work.reached?.('locked')
    if (options.plan) await recheck(work, options.plan)
    await placeForSecrets(options.begin ? supposing(work, options.begin) : work, extent)
    if (options.begin) await begin(work, session, run, options.begin)
    const running: Running = { work, session, run, extent, told: new Map() }
    try {
      await pass(running, new Group(work, session))
    } catch (error) {
      if (!(error instanceof GroupLost)) throw error
      await pass(running, null)
    }
    const last = (await headOf(session)) ?? { seq: 0, hash: '' }
    work.reached?.('ended')
    const all = [...running.told.values()]
    const warnings = all.filter(({ ended }) => ended.warned).length
    const exit = worstExit(all.map(({ ended }) => ended.error?.exit ?? exitOf(ended.outcome)))
    return { onboarding: work.onboarding.key, run, steps: all.map(({ result }) => result), head: last, warnings, exit }
  } finally {
    await session.close()
  }
}

/**
 * Gives every step its turn that was not told of yet. With a group, effects in the database share transactions; of a
 * group that is lost nothing was told, so that the pass after it, without one, does those effects one at a time.
 */
async function pass(running: Running, group: Group | null): Promise<void> {
  const { work, session, extent, told } = running
  const look = await session.look('brief')
  refuseCancelled(work.onboarding.key, cancellationOf(look.entries))
  refuseOutdated(work, look.entries)
  const records = foldRecords(look.entries)
  refuseHeld(work.onboarding.key, records)
  const walk = new Walk(work, records, look.now, extent)
  const ending = new Ending(records.procedures)
  const tell = (turn: Turn, ended: Ended): void => {
    const { outputs: _outputs, error: _error, warned, held: _held, ...shown } = ended
    const result: StepResult = {
      key: turn.key, title: turn.step.title, uses: turn.step.uses, owner: turn.step.owner, ...shown,
      ...(warned === true ? { warned } : {}),
    }
    told.set(keyText(turn.key), { result, ended })
    work.emit({ type: 'step.ended', result })
  }
  try {
    for (const turn of walk.turns()) {
      const name = keyText(turn.key)
      const before = told.get(name)?.ended
      const shared = before === undefined && group !== null && (await sharesTransaction(work, turn)) ? group : null
      if (shared === null) await group?.commit()
      if (group?.isGone) return
      if (turn.wanted && !before) work.emit({ type: 'step.started', key: turn.key, title: turn.step.title })
      const ended = before ?? await (turn.wanted
        ? attempt(running, group, shared, turn, look.now)
        : outside(running, turn, look.now))
      if (ended.changes.length > 0) walk.acted(turn)
      walk.settle(turn, SATISFIES.includes(ended.outcome), ended.outputs, ended.outcome === 'changed')
      ending.saw(turn, SATISFIES.includes(ended.outcome))
      if (!turn.wanted || before) continue
      const end = (gone: OnboardError | null): void => tell(turn, gone ? failed(running, turn, gone) : ended)
      if (ended.held) await shared?.add({ name, tell: end })
      else end(null)
      // The connection is gone: what comes after cannot be known.
      if ((ended.error && isGone(ended.error)) || group?.isGone) return await group?.commit()
    }
  } catch (error) {
    if (!(error instanceof GroupLost)) await group?.commit().catch(() => undefined)
    throw error
  }
  await group?.commit()
  if (group?.isGone) return
  for (const entry of ending.entries(running.run)) await session.append(entry)
}

const SATISFIES: readonly Outcome[] = ['unchanged', 'changed', 'skipped', 'waived']

async function headOf(session: Session): Promise<Head | undefined> {
  try {
    return await session.head()
  } catch {
    return undefined // the run's results stand without it
  }
}

async function recheck(work: Work, saved: Plan): Promise<void> {
  const now = await makePlan(work, saved.scope)
  if (saved.onboarding === work.onboarding.key && now.fingerprint === saved.fingerprint) return
  throw new OnboardError('conflict', 'stale-plan', saved.onboarding === work.onboarding.key
    ? `the saved plan for ${saved.onboarding} is stale: the runbook, the inputs or what it looked at changed since`
    : `the saved plan is for ${saved.onboarding}, not for ${work.onboarding.key}`, {
    suggestions: [`onboard plan ${work.onboarding.key}${part(saved.scope)} --out FILE`],
  })
}

/** The flags that say how much is planned. */
function part({ phase, step }: Extent): string {
  if (step !== null) return ` --step ${phase === null ? step : `${phase}.${step}`}`
  return phase === null ? '' : ` --phase ${phase}`
}

/**
 * A run that will issue a secret is refused before its first effect where the secret could go nowhere.
 * Only the steps that issue any are looked at, of what is done: of a finished run that is a fifth of a plan.
 */
async function placeForSecrets(work: Work, extent: Extent): Promise<void> {
  const refusal = await work.secrets.ready().then(() => null, (error: unknown) => ({ error }))
  if (refusal === null) return
  const used = new Set(
    [...work.runbook.phases, ...work.runbook.procedures].flatMap(({ steps }) => steps.map(({ uses }) => uses)),
  )
  const issuing = new Set<string>()
  for (const uses of used) if (await issues(work, uses)) issuing.add(uses)
  if (issuing.size === 0) return
  const { steps } = await makePlan(work, extent, ({ uses }) => issuing.has(uses))
  const issued = steps.some(
    ({ action, reason, uses }) => issuing.has(uses) && PENDING.includes(action) && !reason?.startsWith('after '),
  )
  if (issued) throw refusal.error
}

async function issues(work: Work, uses: string): Promise<boolean> {
  const action = await work.catalogue.load(uses)
  return action?.kind === 'effect' && action.issues.length > 0
}

/** One step's turn, retried as the runbook says; `shared`: the group in which its effect may stay open. */
async function attempt(
  running: Running, group: Group | null, shared: Group | null, turn: Turn, now: string,
): Promise<Ended> {
  const { work, session, run } = running
  const times = turn.step.retry?.times ?? 0
  let { record } = turn
  for (let attempt = 0; ; attempt++) {
    try {
      return await take(work, session, run, { ...turn, record }, now, shared)
    } catch (error) {
      await group?.commit() // what was done before it stays, and is told before it
      const known = asOnboardError(error, 'step-failed')
      if (known.kind === 'waiting') return blocked(known.message, known.suggestions[0] ?? null)
      if (attempt < times && passing(known)) {
        work.emit({ type: 'step.retried', key: turn.key, attempt: attempt + 1, reason: known.message })
        await pause((turn.step.retry?.backoff_ms ?? 0) * 2 ** attempt)
        record = foldRecords((await session.look('brief')).entries).get(keyText(turn.key)) // what this attempt began
        continue
      }
      if (known.kind === 'bug' || known.kind === 'usage') throw known
      if (!isGone(known)) {
        // Where not even this can be stored, the step's own trouble is still what must be said.
        const entry = { facts: { code: known.code }, detail: { message: known.message } }
        await session.append({ kind: 'failed', key: turn.key, run, ...entry }).catch(() => undefined)
      }
      return failed(running, turn, known)
    }
  }
}

function failed({ work, extent }: Running, turn: Turn, error: OnboardError): Ended {
  const { key } = work.onboarding
  // Of what the config says doctor knows more; who has just tried this step alone is not sent round in a circle.
  const usual =
    error.kind === 'invalid'
      ? 'onboard doctor'
      : `onboard ${extent.step === turn.step.id ? 'plan' : 'apply'} ${key} --step ${turn.step.id}`
  const [next = usual, otherwise] = error.suggestions
  return {
    outcome: 'failed', reason: error.message, changes: [], secrets: [], next,
    ...(otherwise === undefined ? {} : { otherwise }), outputs: UNKNOWN, error,
  }
}

/** Trouble that may pass: another attempt makes sense. */
function passing(error: OnboardError): boolean {
  const { kind, code } = error
  if (kind === 'unreachable') return !isGone(error)
  return kind === 'failed' || kind === 'verification' || code === 'database-conflict' || code === 'database-locked'
}

/**
 * A step that was not asked for: what the journal says of it decides whether the others may go on.
 * Only evidence that has grown old is looked for again: a phase can be applied by itself on a later day.
 */
async function outside(running: Running, turn: Turn, now: string): Promise<Ended> {
  const state = await recorded(running.work, turn, now)
  return state.state === 'ready' && state.outputs !== undefined
    ? attempt(running, null, null, turn, now)
    : outsideExtent(state)
}

function outsideExtent(state: Recorded): Ended {
  const settled = state.state === 'settled'
  return {
    outcome: settled ? state.as : 'blocked', reason: state.reason, changes: [], secrets: [], next: null,
    outputs: settled ? state.outputs : UNKNOWN,
  }
}

