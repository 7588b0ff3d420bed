import { randomUUID } from 'node:crypto'
import type { Action } from '../contract.ts'
import { EXIT, OnboardError, worstExit } from '../errors.ts'
import type { Change, FieldChange, Json, Phase, StepKey, StepResult } from '../model.ts'
import { fieldChanges } from './differences.ts'
import { same } from './effect.ts'
import { idempotencyKey, keyText } from './keys.ts'
import type { JournalEntry, RunResult, Session, Work } from './ports.ts'

export interface UndoTarget {
  /** The state before this phase, or before this step of it, is restored. */
  readonly phase: string
  readonly step: string | null
}

/** What undo would do, newest entry first. */
export interface UndoPlan {
  readonly onboarding: string
  readonly to: UndoTarget
  readonly steps: readonly {
    readonly key: StepKey
    readonly title: string
    /** Sequence number of the entry that is undone. */
    readonly of: number
    readonly target: string
    /** Before → after as undoing makes it. */
    readonly changes: readonly FieldChange[]
    /** Why undo will stop here, where that can be seen beforehand. */
    readonly obstacle: string | null
  }[]
}

type AnyEffect = Extract<Action, { kind: 'effect' }>

/** Shows what undo would do; looks only at the journal. */
export async function planUndo(work: Work, to: UndoTarget): Promise<UndoPlan> {
  return work.reading(async (_read, look) => {
    const steps = []
    for (const entry of undoable(work, look.entries, to)) {
      const key = entry.key as StepKey
      const change = entry.detail['change'] as unknown as Change | undefined
      const action = await work.catalogue.load(String(entry.facts['uses']))
      steps.push({
        key,
        title: titleOf(work, key),
        of: entry.seq,
        target: change?.target ?? keyText(key),
        changes: fieldChanges(change ? { ...change, before: change.after, after: change.before } : null),
        obstacle: obstacle(entry, action, key),
      })
    }
    return { onboarding: work.onboarding.key, to, steps }
  }, 'whole')
}

/**
 * Walks the journal's effects newest first, back to before `to`, and undoes each in a transaction with the entry that
 * says so. Resumable: what was undone is not undone twice. Stops at the first conflict, which keeps what was done so far.
 */
export async function undo(work: Work, to: UndoTarget): Promise<RunResult> {
  const run = randomUUID()
  const session = await work.session(run)
  try {
    work.reached?.('locked')
    const look = await session.look('whole')
    const steps: StepResult[] = []
    const exits: number[] = []
    for (const entry of undoable(work, look.entries, to)) {
      const key = entry.key as StepKey
      const change = entry.detail['change'] as unknown as Change
      const after = laterAfter(look.entries, entry)
      const about = { key, title: titleOf(work, key), uses: String(entry.facts['uses']), owner: [], secrets: [], next: null }
      work.emit({ type: 'step.started', key, title: about.title })
      try {
        const left = await undoOne(work, session, run, entry, key, after)
        const changes = left === null ? fieldChanges({ ...change, before: change.after, after: change.before }) : []
        steps.push({ ...about, outcome: 'undone', reason: `undid entry ${entry.seq}${left === null ? '' : `: ${left}`}`, changes })
      } catch (error) {
        if (!(error instanceof OnboardError) || error.kind === 'bug' || error.kind === 'unreachable') throw error
        steps.push({ ...about, outcome: 'failed', reason: error.message, changes: [], next: error.suggestions[0] ?? null })
        exits.push(EXIT.conflict)
      }
      work.emit({ type: 'step.ended', result: steps.at(-1) as StepResult })
      if (exits.length > 0) break
    }
    return { onboarding: work.onboarding.key, run, steps, head: await session.head(), exit: worstExit(exits) }
  } finally {
    await session.close()
  }
}

async function undoOne(work: Work, session: Session, run: string, entry: JournalEntry, key: StepKey, after: Json): Promise<string | null> {
  const name = keyText(key)
  const action = (await work.catalogue.load(String(entry.facts['uses']))) as AnyEffect | undefined
  const stop = obstacle(entry, action, key)
  if (stop !== null || !action?.undo) throw new OnboardError('conflict', 'irreversible', stop ?? `${name} cannot be undone`)
  const idempotency = idempotencyKey(work.onboarding.key, key)
  const { input, seen, change } = entry.detail
  const reader = session.reader(idempotency)
  const undone = (left: string | null) => (
    { kind: 'undone', key, run, facts: { of: entry.seq, uses: String(entry.facts['uses']) }, detail: left === null ? {} : { left } } as const
  )
  const settle = async (): Promise<boolean> => {
    const now = await action.check(reader, input as never)
    if (same(now, seen)) return false // undone already, by hand or by a run that was killed before it could say so
    if (same(now, after)) return true
    throw new OnboardError('conflict', 'drifted', `${name}: what it changed was changed again since; undoing it would overwrite that`, {
      suggestions: [`onboard drift ${work.onboarding.key}`],
    })
  }
  const writer = session.writer(idempotency, () => {
    throw new OnboardError('bug', 'secret-in-undo', `${entry.facts['uses']}: undo cannot issue a secret`)
  })
  if (action.where === 'outside') {
    const left = (await settle()) ? ((await action.undo(writer, change as never, after as never)) ?? null) : null
    work.reached?.(`undo ${name} applied`)
    await session.append(undone(left))
    work.reached?.(`undo ${name} committed`)
    return left
  }
  await session.begin(null)
  work.reached?.(`undo ${name} begun`)
  try {
    const take = action.undo
    const left = (await settle()) ? ((await session.write(() => take(writer, change as never, after as never))) ?? null) : null
    work.reached?.(`undo ${name} applied`)
    await session.commit(undone(left))
    work.reached?.(`undo ${name} committed`)
    return left
  } catch (error) {
    await session.rollback()
    throw error
  }
}

/** What the step left behind: as applied, or as a secret issued anew since left it. */
function laterAfter(entries: readonly JournalEntry[], entry: JournalEntry): Json {
  const name = keyText(entry.key as StepKey)
  const reissued = entries.findLast((e) => e.kind === 'reissued' && e.seq > entry.seq && e.key !== null && keyText(e.key) === name)
  return (reissued ?? entry).detail['after'] ?? null
}

/** Effects to undo, newest first: of the target and of all that comes after it in the runbook, not undone yet. */
function undoable(work: Work, entries: readonly JournalEntry[], to: UndoTarget): readonly JournalEntry[] {
  const from = position(work, to.phase, to.step)
  if (from < 0) {
    const name = to.step === null ? to.phase : `${to.phase}.${to.step}`
    throw new OnboardError('invalid', 'unknown-target', `the runbook of ${work.onboarding.key} has no '${name}' to roll back to`, {
      suggestions: [`onboard status ${work.onboarding.key}`],
    })
  }
  const undone = new Set(entries.filter((e) => e.kind === 'undone').map((e) => e.facts['of']))
  return entries
    .filter((e) => e.kind === 'done' && e.facts['outcome'] === 'changed' && !undone.has(e.seq) && e.key !== null)
    .filter((e) => position(work, e.key?.phase ?? '', e.key?.step ?? '') >= from)
    .toReversed()
}

/** Place of a step (of a phase: of its first step) in the runbook's order; -1 where there is none. */
function position(work: Work, phase: string, step: string | null): number {
  const order = work.runbook.phases.flatMap((p: Phase) => p.steps.map((s) => [p.id, s.id] as const))
  return order.findIndex(([p, s]) => p === phase && (step === null || s === step))
}

function obstacle(entry: JournalEntry, action: Action | undefined, key: StepKey): string | null {
  const name = keyText(key)
  if (entry.erased.some((n) => n === 'change' || n === 'seen' || n === 'input' || n === 'after')) return `${name}: its before-state was erased on request`
  if (action?.kind !== 'effect') return `${name}: the action '${entry.facts['uses']}' is not here any more`
  const change = entry.detail['change'] as unknown as Change | undefined
  return action.undo && change?.reversible !== false ? null : `${name}: ${entry.facts['uses']} cannot be undone`
}

function titleOf(work: Work, key: StepKey): string {
  const phase = work.runbook.phases.find((p) => p.id === key.phase)
  return phase?.steps.find((s) => s.id === key.step)?.title ?? key.step
}
