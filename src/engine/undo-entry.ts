/** Undoes one effect of the journal, unless somebody changed what it left. */
import type { Action, Reader } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import { isObject } from '../model.ts'
import type { Change, Json, JsonObject, StepKey } from '../model.ts'
import { fieldChanges } from './differences.ts'
import { canonical } from './digest.ts'
import { idempotencyKey, keyText } from './keys.ts'
import type { Entry, JournalEntry, Session, Work } from './ports.ts'

type AnyEffect = Extract<Action, { kind: 'effect' }>

/** What surrounds an entry: the whole journal, and those of it that are undone together. */
interface Among {
  readonly all: readonly JournalEntry[]
  readonly undoing: readonly JournalEntry[]
}

/** What is needed to undo an entry. */
interface Undoing {
  readonly work: Work
  readonly session: Session
  readonly entry: JournalEntry
  readonly name: string
  readonly action: AnyEffect
  readonly reader: Reader
  /** What the step left behind, as its check saw it. */
  readonly after: Json
  /** The entry that says so. */
  readonly undone: (left: string | null) => Entry
}

/**
 * Undoes one effect with the entry that says so, whose facts take `more`. Gives what it left, or null.
 * Throws a conflict where somebody changed it since, and where it cannot be undone.
 */
export async function undoEntry(
  work: Work, session: Session, run: string, entry: JournalEntry, among: Among, more: JsonObject = {},
): Promise<string | null> {
  const key = entry.key as StepKey
  const name = keyText(key)
  const uses = String(entry.facts['uses'])
  const action = await work.catalogue.load(uses)
  const stop = obstacle(entry, action)
  if (stop !== null || action?.kind !== 'effect' || !action.undo) {
    const message = `${stop ?? `${name} cannot be undone`}, and what came before it stays as well.`
      + ' What came after it is undone.'
    throw new OnboardError('conflict', 'irreversible', message, {
      suggestions: [`onboard drift ${work.onboarding.key}`, `onboard audit log ${work.onboarding.key}`],
    })
  }
  const idempotency = idempotencyKey(work.onboarding, key)
  const reader = session.reader(idempotency)
  const after = laterAfter(among.all, entry)
  const facts = { of: entry.seq, uses, ...more }
  const undone = (left: string | null): Entry => (
    { kind: 'undone', key, run, facts, detail: left === null ? {} : { left } }
  )
  const undoing = { work, session, entry, name, action, reader, after, undone }
  if (isCorrection(among, entry, action)) {
    await isThere(undoing)
    await session.append(undone(CORRECTED))
    return CORRECTED
  }
  const writer = session.writer(idempotency, () => {
    throw new OnboardError('bug', 'secret-in-undo', `${uses}: undo cannot issue a secret`)
  })
  const { undo } = action
  const take = async (): Promise<string | null> =>
    (await undo(writer, entry.detail['change'] as never, after as never)) ?? null
  return action.where === 'outside' ? undoOutside(undoing, take) : undoInDatabase(undoing, take)
}

/** In one transaction with its entry. */
async function undoInDatabase(undoing: Undoing, take: () => Promise<string | null>): Promise<string | null> {
  const { work, session, name, undone } = undoing
  await session.begin(null)
  work.reached?.(`undo ${name} begun`)
  try {
    const left = (await isThere(undoing)) ? await session.write(take) : null
    work.reached?.(`undo ${name} applied`)
    await session.commit(undone(left))
    work.reached?.(`undo ${name} committed`)
    return left
  } catch (error) {
    await session.rollback()
    throw error
  }
}

async function undoOutside(undoing: Undoing, take: () => Promise<string | null>): Promise<string | null> {
  const { work, session, entry, name, action, reader, undone } = undoing
  const { input, seen } = entry.detail
  const left = (await isThere(undoing)) ? await take() : null
  work.reached?.(`undo ${name} applied`)
  const own = ownPart(action)
  if (left === null && !same(own(await action.check(reader, input as never)), own(seen))) {
    const uses = String(entry.facts['uses'])
    const message = `${name}: the undo of ${uses} ended, but did not restore what was there before`
    throw new OnboardError('failed', 'not-restored', message, { suggestions: [`onboard action show ${uses}`] })
  }
  await session.append(undone(left))
  work.reached?.(`undo ${name} committed`)
  return left
}

/**
 * Is what the effect left still there? Not, where it was undone already: by hand, or by a run that was killed before it
 * could say so. Throws a conflict where it is neither: somebody else has changed it.
 */
async function isThere({ work, entry, name, action, reader, after }: Undoing): Promise<boolean> {
  const own = ownPart(action)
  const { input, seen } = entry.detail
  const found = await action.check(reader, input as never)
  const now = own(found)
  if (same(now, own(seen))) return false
  if (same(now, own(after))) return true
  const change = action.plan(input as never, found as never) as Change | null
  const what = change !== null && change.before === null && change.after !== null
    ? `${change.target} was taken away`
    : `${fieldsOf(change, now, own(after)) || 'what it changed'} was changed`
  const message = `${name}: ${what} by somebody else since; undoing it would overwrite that. Apply sets it right first.`
  throw new OnboardError('conflict', 'drifted', message, {
    suggestions: [`onboard apply ${work.onboarding.key} --step ${name}`, `onboard drift ${work.onboarding.key}`],
  })
}

/** Why an effect cannot be undone, as far as that can be seen beforehand. */
export function obstacle(entry: JournalEntry, action: Action | undefined): string | null {
  const name = keyText(entry.key as StepKey)
  const uses = String(entry.facts['uses'])
  if (entry.erased.some((n) => n === 'change' || n === 'seen' || n === 'input' || n === 'after')) {
    return `${name}: its before-state was erased on request`
  }
  if (action?.kind !== 'effect') return `${name}: the action '${uses}' is not here any more`
  const change = entry.detail['change'] as unknown as Change | undefined
  return action.undo && change?.reversible !== false ? null : `${name}: ${uses} cannot be undone`
}

export const CORRECTED = 'what had drifted before it is not brought back'

/**
 * Did this entry bring about again what an older one of its step, undone next, had left? To undo it for itself would
 * bring the drift back, which then stands in the way of the older one for ever.
 */
export function isCorrection({ all, undoing }: Among, entry: JournalEntry, action: Action | undefined): boolean {
  const own = ownPart(action)
  const name = keyText(entry.key as StepKey)
  const older = undoing.find((e) => e.seq < entry.seq && keyText(e.key as StepKey) === name)
  if (older === undefined || laterAfter(all, older) === null || laterAfter(all, entry) === null) return false
  return same(own(laterAfter(all, older)), own(laterAfter(all, entry)))
}

/** Of an observation what its step is answerable for. */
function ownPart(action: Action | undefined): (seen: unknown) => unknown {
  const owned = action?.kind === 'effect' ? action.owned : undefined
  return (seen) => (owned ? owned(seen as never) : seen)
}

/** What the step left behind: as applied, or as a secret issued anew since left it. */
function laterAfter(entries: readonly JournalEntry[], entry: JournalEntry): Json {
  const name = keyText(entry.key as StepKey)
  const own = entries.filter((e) => e.seq > entry.seq && e.key !== null && keyText(e.key) === name)
  const next = own.find((e) => e.kind === 'done' && e.facts['outcome'] === 'changed')?.seq ?? Infinity
  const reissued = own.findLast((e) => e.kind === 'reissued' && e.seq < next)
  return (reissued ?? entry).detail['after'] ?? null
}

/** Have two observations the same canonical form? */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

/** What differs from what the effect left, by the fields of a plan; what no plan looks at, by its name alone. */
function fieldsOf(change: Change | null, now: unknown, left: unknown): string {
  const planned = fieldChanges(change).map(({ field }) => field)
  // A cell is its value, the database's own text of it, and whether it is the one that is wanted.
  const plain = (path: string): string =>
    path.replace(/\.(?:value|exact|same)$/, '').replace(/^(?:\w+\.)?cells\.|^row\./, '')
  return [...new Set(planned.length > 0 ? planned : differing(now, left).map(plain))].join(', ')
}

/** Names of the values in which two observations differ; never the values, which may be a person's. */
function differing(a: unknown, b: unknown, path = ''): readonly string[] {
  if (same(a, b)) return []
  if (!isObject(a as Json) || !isObject(b as Json)) return path === '' ? [] : [path]
  const [left, right] = [a as JsonObject, b as JsonObject]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differing(left[key] ?? null, right[key] ?? null, path === '' ? key : `${path}.${key}`))
}
