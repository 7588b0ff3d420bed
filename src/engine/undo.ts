import { randomUUID } from 'node:crypto'
import type { Action } from '../contract.ts'
import { OnboardError, worstExit } from '../errors.ts'
import type { Change, FieldChange, Json, JsonObject, Phase, StepKey, StepResult } from '../model.ts'
import { fieldChanges } from './differences.ts'
import { canonical } from './digest.ts'
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
    /** What undoing it leaves as it is, where that is known beforehand. */
    readonly stays: string | null
    /** Why undo will stop here, where that can be seen beforehand. */
    readonly obstacle: string | null
  }[]
}

type AnyEffect = Extract<Action, { kind: 'effect' }>

/** Shows what undo would do; looks only at the journal. */
export async function planUndo(work: Work, to: UndoTarget): Promise<UndoPlan> {
  return work.reading(async (_read, look) => {
    const steps = []
    const entries = undoable(work, look.entries, to)
    for (const entry of entries) {
      const key = entry.key as StepKey
      const action = await work.catalogue.load(String(entry.facts['uses']))
      const corrected = correction(look.entries, entries, entry, ownPart(action))
      const change = entry.detail['change'] as unknown as Change | undefined
      steps.push({
        key,
        title: titleOf(work, key),
        of: entry.seq,
        target: change?.target ?? keyText(key),
        changes: corrected ? [] : fieldChanges(change ? { ...change, before: change.after, after: change.before } : null),
        stays: corrected ? CORRECTED : null,
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
    const entries = undoable(work, look.entries, to)
    for (const entry of entries) {
      const key = entry.key as StepKey
      const change = entry.detail['change'] as unknown as Change
      const about = {
        key, title: titleOf(work, key), uses: String(entry.facts['uses']), owner: [], secrets: [], next: null,
      }
      work.emit({ type: 'step.started', key, title: about.title })
      try {
        const stays = await undoEntry(work, session, run, entry, { all: look.entries, undoing: entries })
        const changes = stays === null ? fieldChanges({ ...change, before: change.after, after: change.before }) : []
        steps.push({
          ...about, outcome: 'undone', reason: `undid entry ${entry.seq}${stays === null ? '' : `: ${stays}`}`, changes,
        })
      } catch (error) {
        const known = error instanceof OnboardError ? error : new OnboardError('failed', 'undo-failed', error instanceof Error ? error.message : String(error), { cause: error })
        if (known.kind === 'bug' || known.kind === 'unreachable') throw known
        steps.push({
          ...about, outcome: 'failed', reason: known.message, changes: [], next: known.suggestions[0] ?? null,
        })
        exits.push(known.exit)
      }
      work.emit({ type: 'step.ended', result: steps.at(-1) as StepResult })
      if (exits.length > 0) break
    }
    return {
      onboarding: work.onboarding.key, run, steps, head: await session.head(), warnings: 0, exit: worstExit(exits),
    }
  } finally {
    await session.close()
  }
}

interface Left {
  /** What the step left behind, as its check saw it. */
  readonly after: Json
  /** It only set right what had drifted from an entry that is undone next. */
  readonly corrected: boolean
}

/** What surrounds an entry: the whole journal, and those of it that are undone together. */
interface Among {
  readonly all: readonly JournalEntry[]
  readonly undoing: readonly JournalEntry[]
}

/**
 * Undoes one effect with the entry that says so, whose facts take `more`. Gives what it left, or null. Throws a conflict
 * where somebody changed it since, and where it cannot be undone.
 */
export async function undoEntry(
  work: Work, session: Session, run: string, entry: JournalEntry, among: Among, more: JsonObject = {},
): Promise<string | null> {
  const own = ownPart(await work.catalogue.load(String(entry.facts['uses'])))
  const left = { after: laterAfter(among.all, entry), corrected: correction(among.all, among.undoing, entry, own) }
  return undoOne(work, session, run, entry, more, left)
}

async function undoOne(
  work: Work, session: Session, run: string, entry: JournalEntry, more: JsonObject, { after, corrected }: Left,
): Promise<string | null> {
  const key = entry.key as StepKey
  const name = keyText(key)
  const action = (await work.catalogue.load(String(entry.facts['uses']))) as AnyEffect | undefined
  const stop = obstacle(entry, action, key)
  if (stop !== null || !action?.undo) {
    throw new OnboardError('conflict', 'irreversible', `${stop ?? `${name} cannot be undone`}, and what came before it stays as well. What came after it is undone.`, {
      suggestions: [`onboard drift ${work.onboarding.key}`, `onboard audit log ${work.onboarding.key}`],
    })
  }
  const idempotency = idempotencyKey(work.onboarding, key)
  const own = ownPart(action)
  const { input, seen, change } = entry.detail
  const reader = session.reader(idempotency)
  const undone = (left: string | null) => (
    { kind: 'undone', key, run, facts: { of: entry.seq, uses: String(entry.facts['uses']), ...more }, detail: left === null ? {} : { left } } as const
  )
  const settle = async (): Promise<boolean> => {
    const now = own(await action.check(reader, input as never))
    if (same(now, own(seen))) return false // undone already, by hand or by a run that was killed before it could say so
    if (same(now, own(after))) return true
    const fields = differing(now, own(after)).join(', ')
    throw new OnboardError('conflict', 'drifted', `${name}: ${fields || 'what it changed'} was changed by somebody else since; undoing it would overwrite that. Apply sets it right first.`, {
      suggestions: [`onboard apply ${work.onboarding.key} --step ${name}`, `onboard drift ${work.onboarding.key}`],
    })
  }
  if (corrected) {
    await settle()
    await session.append(undone(CORRECTED))
    return CORRECTED
  }
  const writer = session.writer(idempotency, () => {
    throw new OnboardError('bug', 'secret-in-undo', `${entry.facts['uses']}: undo cannot issue a secret`)
  })
  if (action.where === 'outside') {
    const left = (await settle()) ? ((await action.undo(writer, change as never, after as never)) ?? null) : null
    work.reached?.(`undo ${name} applied`)
    if (left === null && !same(own(await action.check(reader, input as never)), own(seen))) {
      throw new OnboardError('failed', 'not-restored', `${name}: the undo of ${entry.facts['uses']} ended, but did not restore what was there before`, {
        suggestions: [`onboard action show ${entry.facts['uses']}`],
      })
    }
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

/** Have two observations the same canonical form? */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

const CORRECTED = 'what had drifted before it is not brought back'

/**
 * Did this entry bring about again what an older one of its step, undone next, had left? To undo it for itself would
 * bring the drift back, which then stands in the way of the older one for ever.
 */
function correction(
  entries: readonly JournalEntry[], undoing: readonly JournalEntry[], entry: JournalEntry,
  own: (seen: unknown) => unknown,
): boolean {
  const name = keyText(entry.key as StepKey)
  const older = undoing.find((e) => e.seq < entry.seq && keyText(e.key as StepKey) === name)
  if (older === undefined || laterAfter(entries, older) === null || laterAfter(entries, entry) === null) return false
  return same(own(laterAfter(entries, older)), own(laterAfter(entries, entry)))
}

/** Of an observation what its step is answerable for. */
function ownPart(action: Action | undefined): (seen: unknown) => unknown {
  const owned = action?.kind === 'effect' ? action.owned : undefined
  return (seen) => (owned ? owned(seen as never) : seen)
}

/** Names of the values in which two observations differ; never the values, which may be a person's. */
function differing(a: unknown, b: unknown, path = ''): readonly string[] {
  if (same(a, b)) return []
  const object = (value: unknown): value is JsonObject => value !== null && typeof value === 'object' && !Array.isArray(value)
  if (!object(a) || !object(b)) return path === '' ? [] : [path]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => differing(a[key] ?? null, b[key] ?? null, path === '' ? key : `${path}.${key}`))
}

/** What the step left behind: as applied, or as a secret issued anew since left it. */
function laterAfter(entries: readonly JournalEntry[], entry: JournalEntry): Json {
  const name = keyText(entry.key as StepKey)
  const own = entries.filter((e) => e.seq > entry.seq && e.key !== null && keyText(e.key) === name)
  const next = own.find((e) => e.kind === 'done' && e.facts['outcome'] === 'changed')?.seq ?? Infinity
  const reissued = own.findLast((e) => e.kind === 'reissued' && e.seq < next)
  return (reissued ?? entry).detail['after'] ?? null
}

/** Effects to undo, newest first: of the target and of all that comes after it in the runbook, not undone yet. */
export function undoable(work: Work, entries: readonly JournalEntry[], to: UndoTarget): readonly JournalEntry[] {
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
export function position(work: Work, phase: string, step: string | null): number {
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

export function titleOf(work: Work, key: StepKey): string {
  const phase = work.runbook.phases.find((p) => p.id === key.phase)
  return phase?.steps.find((s) => s.id === key.step)?.title ?? key.step
}
