import type { Effect } from '../contract.ts'
import { messageOf, OnboardError } from '../errors.ts'
import type { Change, FieldChange, Json } from '../model.ts'
import { fieldChanges } from './differences.ts'
import { canonical } from './digest.ts'
import { mustBeOurs } from './foreign.ts'
import { idempotencyKey, keyText } from './keys.ts'
import { timeLimit } from './limit.ts'
import type { Group } from './group.ts'
import type { Entry, Issued, Session, Work } from './ports.ts'
import type { Turn } from './walk.ts'

export interface EffectResult {
  readonly outcome: 'changed' | 'unchanged'
  readonly outputs: Json
  readonly changes: readonly FieldChange[]
  readonly secrets: readonly string[]
}

type AnyEffect = Effect<never, Json, never, Change>

/** Brings about one effect: check, plan, apply, check again, journal, commit; of one in a group, the group commits. */
export async function applyEffect(
  work: Work, session: Session, run: string, turn: Turn, action: AnyEffect, inputs: never, group: Group | null = null,
): Promise<EffectResult> {
  const { timeout_ms } = turn.step
  const limited = timeLimit(keyText(turn.key), timeout_ms)
  const reader = limited(session.reader(idempotencyKey(work.onboarding, turn.key), timeout_ms))
  if (turn.record?.done || action.where === 'outside') {
    // Most re-runs end here: look first, without a transaction.
    const seen = await action.check(reader, inputs)
    if (action.plan(inputs, seen) === null) return settled(session, run, turn, action, inputs, seen)
  }
  return action.where === 'database'
    ? inDatabase(work, session, run, turn, action, inputs, group)
    : outside(work, session, run, turn, action, inputs)
}

/** Nothing to do. Journaled once, where the journal does not know it, or last said that it failed or was skipped. */
async function settled(
  session: Session, run: string, turn: Turn, action: AnyEffect, inputs: never, seen: never,
): Promise<EffectResult> {
  const outputs = action.outputs(inputs, seen)
  const { done = null, intent: begun = null, failed = null, skipped = null } = turn.record ?? {}
  if (!done || begun || failed || skipped) {
    // An effect that began and is there was ours: it ended, though nobody was left to say so.
    const change = (begun?.detail['change'] ?? null) as Change | null
    await session.append(
      doneEntry(turn, run, inputs, { seen: begun?.detail['seen'] ?? seen, change, after: seen, outputs }),
    )
    if (begun) return { outcome: 'changed', outputs, changes: fieldChanges(change), secrets: [] }
  }
  return { outcome: 'unchanged', outputs, changes: [], secrets: [] }
}

/** Effect and journal entry are one transaction: both are there, or neither. */
async function inDatabase(
  work: Work, session: Session, run: string, turn: Turn, action: AnyEffect, inputs: never, group: Group | null,
): Promise<EffectResult> {
  const key = idempotencyKey(work.onboarding, turn.key)
  const name = keyText(turn.key)
  const issued: Issued[] = []
  await session.begin(turn.step.timeout_ms)
  work.reached?.(`${name} begun`)
  try {
    const reader = session.reader(key)
    const seen = await action.check(reader, inputs)
    await mustBeOurs(work, turn, action, reader, inputs, seen)
    const change = action.plan(inputs, seen)
    let after = seen
    if (change !== null) {
      const writer = session.writer(key, (secret, value, more) => issued.push({ name: secret, value, ...more }))
      await session.write(() => action.apply(writer, change))
      work.reached?.(`${name} applied`)
      after = await action.check(reader, inputs)
      if (action.plan(inputs, after) !== null) throw didNotConverge(turn)
    }
    const outputs = action.outputs(inputs, after)
    if (issued.length > 0) {
      await handOver(work, turn, issued)
      work.reached?.(`${name} secret delivered`)
    }
    const entry = doneEntry(turn, run, inputs, { seen, change, after, outputs }, issued.map((s) => s.name))
    if (group) {
      await group.hold(entry)
      work.reached?.(`${name} held`)
    } else {
      await session.commit(entry)
      work.reached?.(`${name} committed`)
    }
    return {
      outcome: change ? 'changed' : 'unchanged', outputs, changes: fieldChanges(change),
      secrets: issued.map((s) => s.name),
    }
  } catch (error) {
    await session.rollback()
    throw error
  }
}

/** Before the commit that makes them true. Where they cannot be handed over, the step fails and they open nothing. */
async function handOver(work: Work, turn: Turn, issued: readonly Issued[]): Promise<void> {
  try {
    await work.secrets.deliver(issued.map((secret) => ({ key: turn.key, ...secret })))
  } catch (error) {
    throw new OnboardError(
      'failed', 'secret-not-handed-over',
      `what it issued could not be handed over, and nothing of this step was kept: ${messageOf(error)}`,
      { suggestions: [`onboard apply ${work.onboarding.key} --secrets-out FILE`], cause: error },
    )
  }
}

/** Intent first, then the effect, then the entry. After a crash between them the action's check decides. */
async function outside(
  work: Work, session: Session, run: string, turn: Turn, action: AnyEffect, inputs: never,
): Promise<EffectResult> {
  const key = idempotencyKey(work.onboarding, turn.key)
  const name = keyText(turn.key)
  const { timeout_ms } = turn.step
  const inTime = timeLimit(name, timeout_ms)
  const reader = inTime(session.reader(key, timeout_ms))
  const seen = await action.check(reader, inputs)
  const change = action.plan(inputs, seen)
  if (change === null) return settled(session, run, turn, action, inputs, seen)
  const begun = turn.record?.intent?.detail
  if (!begun || !same(begun['change'], change) || !same(begun['seen'], seen)) {
    await session.append({
      kind: 'intent', key: turn.key, run, facts: { uses: turn.step.uses, idempotency_key: key },
      detail: { change, seen: seen as Json },
    })
    work.reached?.(`${name} intent committed`)
  }
  const writer = inTime(session.writer(key, () => {
    throw new OnboardError(
      'bug', 'secret-outside', `${turn.step.uses}: an effect outside the database cannot issue a secret`,
    )
  }))
  await action.apply(writer, change)
  work.reached?.(`${name} applied`)
  const after = await action.check(reader, inputs)
  if (action.plan(inputs, after) !== null) {
    throw didNotConverge(turn, 'what it did outside the database is not taken back')
  }
  const outputs = action.outputs(inputs, after)
  await session.append(doneEntry(turn, run, inputs, { seen, change, after, outputs }))
  work.reached?.(`${name} committed`)
  return { outcome: 'changed', outputs, changes: fieldChanges(change), secrets: [] }
}

/** What `done` says: outcome and digests in the chain, values beside it. */
function doneEntry(
  turn: Turn, run: string, inputs: unknown,
  was: { seen: unknown; change: Change | null; after: unknown; outputs: Json }, secrets: readonly string[] = [],
): Entry {
  return {
    kind: 'done', key: turn.key, run,
    facts: {
      outcome: was.change === null ? 'unchanged' : 'changed',
      uses: turn.step.uses,
      ...(secrets.length > 0 ? { secrets } : {}),
    },
    detail: {
      input: inputs as Json, outputs: was.outputs,
      ...(was.change === null ? {} : { change: was.change, seen: was.seen as Json, after: was.after as Json }),
    },
  }
}

function didNotConverge(turn: Turn, kept = 'nothing was kept'): OnboardError {
  return new OnboardError(
    'failed', 'did-not-converge',
    `${keyText(turn.key)}: after applying, ${turn.step.uses} still sees a difference; ${kept}`,
    { suggestions: [`onboard action show ${turn.step.uses}`] },
  )
}

/** Have two observations the same canonical form? */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

