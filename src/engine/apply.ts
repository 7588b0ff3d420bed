import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Action } from '../contract.ts'
import { OnboardError, worstExit } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Evidence, Json, JsonObject, Outcome, Plan, StepResult } from '../model.ts'
import { digest, hasUnknown } from './digest.ts'
import { applyEffect } from './effect.ts'
import { actionOfStep, inputsOf, questionOf } from './evaluation.ts'
import { idempotencyKey, keyText } from './keys.ts'
import { exitOf } from './outcome.ts'
import { PENDING, plan as makePlan } from './plan.ts'
import type { Head, RunResult, Session, Work } from './ports.ts'
import { basisFor, evidenceHolds, wordReadiness } from './readiness.ts'
import { recorded } from './recorded.ts'
import type { Recorded } from './recorded.ts'
import { foldRecords } from './records.ts'
import { signCommand } from './sign-command.ts'
import { EVERYTHING, Walk } from './walk.ts'
import type { Extent, Turn } from './walk.ts'

export interface ApplyOptions {
  readonly extent?: Extent
  /** A saved plan: refused where the world or the inputs moved since. */
  readonly plan?: Plan
}

type Ended = Pick<StepResult, 'outcome' | 'reason' | 'changes' | 'secrets' | 'next'> & { readonly outputs: Json | typeof UNKNOWN; readonly error?: OnboardError; readonly warned?: boolean }

/**
 * Looks at the world, does what is ready, and stops where a person or a date is needed. Running it again is always right.
 * Throws before any effect: locked or stale (conflict), no place for a secret (usage). What a step meets is its outcome.
 */
export async function apply(work: Work, options: ApplyOptions = {}): Promise<RunResult> {
  const run = randomUUID()
  const extent = options.plan?.scope ?? options.extent ?? EVERYTHING
  const session = await work.session(run)
  try {
    work.reached?.('locked')
    if (options.plan) await recheck(work, options.plan)
    const look = await session.look('brief')
    const records = foldRecords(look.entries)
    const walk = new Walk(work, records, look.now, extent)
    await placeForSecrets(work, extent)
    const results: StepResult[] = []
    const exits: number[] = []
    let warnings = 0
    for (const turn of walk.turns()) {
      if (turn.wanted) work.emit({ type: 'step.started', key: turn.key, title: turn.step.title })
      const { outputs, error, warned = false, ...ended } = turn.wanted ? await attempt(work, session, run, turn, look.now) : outsideExtent(await recorded(work, turn, look.now))
      walk.settle(turn, SATISFIES.includes(ended.outcome), outputs)
      if (!turn.wanted) continue
      const result: StepResult = { key: turn.key, title: turn.step.title, uses: turn.step.uses, owner: turn.step.owner, ...ended }
      results.push(result)
      if (warned) warnings++
      exits.push(error?.exit ?? exitOf(ended.outcome))
      work.emit({ type: 'step.ended', result })
      if (error?.kind === 'unreachable') break // the connection is gone: what comes after cannot be known
    }
    const last = (await headOf(session)) ?? { seq: 0, hash: '' }
    work.reached?.('ended')
    return { onboarding: work.onboarding.key, run, steps: results, head: last, warnings, exit: worstExit(exits) }
  } finally {
    await session.close()
  }
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
    suggestions: [`onboard plan ${work.onboarding.key} --out FILE`],
  })
}

/** A run that will issue a secret is refused before its first effect where the secret could go nowhere. */
async function placeForSecrets(work: Work, extent: Extent): Promise<void> {
  const refusal = await work.secrets.ready().then(() => null, (error: unknown) => ({ error }))
  if (refusal === null || !(await mayIssue(work))) return
  for (const step of (await makePlan(work, extent)).steps) {
    if (PENDING.includes(step.action) && !step.reason?.startsWith('after ') && (await issues(work, step.uses))) throw refusal.error
  }
}

/** Is there a step that issues a secret? Spares other runbooks the plan. */
async function mayIssue(work: Work): Promise<boolean> {
  for (const { steps } of work.runbook.phases) {
    for (const step of steps) if (await issues(work, step.uses)) return true
  }
  return false
}

async function issues(work: Work, uses: string): Promise<boolean> {
  const action = await work.catalogue.load(uses)
  return action?.kind === 'effect' && action.issues.length > 0
}

/** One step's turn, retried as the runbook says. */
async function attempt(work: Work, session: Session, run: string, turn: Turn, now: string): Promise<Ended> {
  const times = turn.step.retry?.times ?? 0
  let { record } = turn
  for (let attempt = 0; ; attempt++) {
    try {
      return await take(work, session, run, { ...turn, record }, now)
    } catch (error) {
      const known = error instanceof OnboardError ? error : new OnboardError('failed', 'step-failed', message(error), { cause: error })
      if (known.kind === 'waiting') return blocked(known.message, known.suggestions[0] ?? null)
      if (attempt < times && passing(known)) {
        work.emit({ type: 'step.retried', key: turn.key, attempt: attempt + 1, reason: known.message })
        await pause((turn.step.retry?.backoff_ms ?? 0) * 2 ** attempt)
        record = foldRecords((await session.look('brief')).entries).get(keyText(turn.key)) // what this attempt began
        continue
      }
      if (known.kind === 'bug' || known.kind === 'usage') throw known
      if (known.kind !== 'unreachable') {
        // Where not even this can be stored, the step's own trouble is still what must be said.
        await session.append({ kind: 'failed', key: turn.key, run, facts: { code: known.code }, detail: { message: known.message } }).catch(() => undefined)
      }
      return { outcome: 'failed', reason: known.message, changes: [], secrets: [], next: known.suggestions[0] ?? `onboard apply ${work.onboarding.key} --step ${turn.step.id}`, outputs: UNKNOWN, error: known }
    }
  }
}

/** Trouble that may pass: another attempt makes sense. */
function passing({ kind, code }: OnboardError): boolean {
  return kind === 'failed' || kind === 'verification' || code === 'database-conflict' || code === 'database-locked'
}

async function take(work: Work, session: Session, run: string, turn: Turn, now: string): Promise<Ended> {
  const { readiness } = turn
  if (readiness.state === 'blocked') {
    const waivable = turn.step.waivable_by.length > 0 && readiness.why !== 'needs' && readiness.why !== 'later'
    return blocked(readiness.reason, waivable ? `onboard waive ${work.onboarding.key} ${keyText(turn.key)}` : null)
  }
  if (readiness.state === 'settled') {
    const basis = basisFor(work, turn.step, turn.scope)
    if (readiness.as === 'skipped' && turn.record?.skipped?.facts['basis'] !== basis) {
      await session.append({ kind: 'skipped', key: turn.key, run, facts: { reason: readiness.reason, basis }, detail: {} })
    }
    return { outcome: readiness.as, reason: readiness.reason, changes: [], secrets: [], next: null, outputs: readiness.outputs }
  }
  if (readiness.state === 'waiting') {
    return { outcome: 'waiting', reason: readiness.reason, changes: [], secrets: [], next: null, outputs: UNKNOWN }
  }
  const action = await actionOfStep(work, turn)
  if (action.kind === 'ask') return ask(work, turn, action)
  const inputs = inputsOf(work, turn, action)
  if (hasUnknown(inputs)) return blocked('its inputs are not known: a step that it reads was not done', null)
  if (action.kind === 'probe') return probe(work, session, run, turn, action, inputs, now)
  const done = await applyEffect(work, session, run, turn, action as never, inputs as never)
  return { ...done, reason: null, next: null }
}

function ask(work: Work, turn: Turn, action: Extract<Action, { kind: 'ask' }>): Ended {
  const { question, binds } = questionOf(work, turn, action)
  const state = wordReadiness(action as never, question, turn.record, binds)
  if (state.state === 'settled') return { outcome: 'unchanged', reason: state.reason, changes: [], secrets: [], next: null, outputs: state.outputs }
  if (state.state === 'blocked') return blocked(state.reason, signCommand(work.onboarding.key, turn, question))
  const reason = state.state === 'waiting' ? state.reason : null
  return { outcome: 'waiting', reason, changes: [], secrets: [], next: signCommand(work.onboarding.key, turn, question), outputs: UNKNOWN }
}

async function probe(work: Work, session: Session, run: string, turn: Turn, action: Extract<Action, { kind: 'probe' }>, inputs: unknown, now: string): Promise<Ended> {
  const input = digest(inputs)
  if (evidenceHolds(turn.record, input, action.max_age_ms, now)) {
    const { facts, detail } = turn.record?.probed ?? { facts: {} as JsonObject, detail: {} as JsonObject }
    return { outcome: 'unchanged', reason: null, changes: [], secrets: [], next: null, outputs: detail['outputs'] ?? null, warned: facts['result'] === 'warn' }
  }
  const evidence = await work.reading((read) => action.probe(read(idempotencyKey(work.onboarding.key, turn.key)), inputs as never), 'brief', turn.step.timeout_ms)
  const passed = evidence.result === 'pass' || evidence.result === 'warn'
  const outputs = passed ? action.outputs(inputs as never, evidence) : null
  await session.append({ kind: 'probed', key: turn.key, run, facts: probedFacts(work, turn, action.max_age_ms, evidence, input, now), detail: { evidence, outputs } })
  work.reached?.(`${keyText(turn.key)} probed`)
  if (passed) return { outcome: 'changed', reason: said(evidence), changes: [], secrets: [], next: null, outputs, warned: evidence.result === 'warn' }
  if (evidence.result === 'not_checked') return blocked(`not checked: ${evidence.reason}`, null)
  const error = new OnboardError('verification', 'probe-failed', said(evidence))
  return { outcome: 'failed', reason: said(evidence), changes: [], secrets: [], next: null, outputs: UNKNOWN, error }
}

function probedFacts(work: Work, turn: Turn, maxAge: number | null, evidence: Evidence, input: string, now: string): JsonObject {
  const until = maxAge === null ? null : new Date(Date.parse(now) + maxAge).toISOString()
  return { uses: turn.step.uses, result: evidence.result, input, holds_until: until, basis: basisFor(work, turn.step, turn.scope) }
}

function blocked(reason: string, next: string | null): Ended {
  return { outcome: 'blocked', reason, changes: [], secrets: [], next, outputs: UNKNOWN }
}

/** A step that was not asked for: what the journal says of it decides whether the others may go on. */
function outsideExtent(state: Recorded): Ended {
  const settled = state.state === 'settled'
  return { outcome: settled ? state.as : 'blocked', reason: state.reason, changes: [], secrets: [], next: null, outputs: settled ? state.outputs : UNKNOWN }
}

function said(evidence: Evidence): string {
  return evidence.result === 'not_checked' ? evidence.reason : evidence.summary
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

