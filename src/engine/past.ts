import type { Past, Reach, Standing, TakenBack } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import type { Change, Json, JsonObject, Phase, Runbook, StepKey } from '../model.ts'
import { keyPrefix, keyText } from './keys.ts'
import type { JournalEntry, Look, Session, Work } from './ports.ts'
import { waiverHolds } from './readiness.ts'
import { foldRecords } from './records.ts'
import { position, titleOf, undoable, type UndoTarget } from './standing.ts'
import { undoEntry } from './undo-entry.ts'

/** A run's session whose steps know what was done so far, and may take it back. */
export function remembering(work: Work, session: Session, run: string): Session {
  const past = (key: string): Past => pastOf(work, key, () => session.look('brief'))
  return {
    ...session,
    reader: (key, timeout) => Object.assign(session.reader(key, timeout), { past: past(key) }),
    writer: (key, secret) => Object.assign(session.writer(key, secret), {
      past: past(key),
      takeBack: (reach: Reach) => takeBack(work, session, run, ownName(work, key), reach),
    }),
  }
}

/** What a step sees of the past; `key` is its idempotency key. */
export function pastOf(work: Work, key: string, look: () => Promise<Look>): Past {
  return {
    standing: async (reach) => (await standing(work, await look(), reach)).map(({ said }) => said),
    takenBack: async () => {
      const own = ownName(work, key)
      return (await look()).entries.filter((e) => e.kind === 'undone' && e.facts['by'] === own).map((e): TakenBack => ({
        step: keyText(e.key as StepKey),
        sort: (e.facts['sort'] ?? 'effect') as TakenBack['sort'],
        left: typeof e.detail['left'] === 'string' ? e.detail['left'] : null,
      }))
    },
  }
}

/** `rollback/take_back/1`: the step without its onboarding, which may be renamed. */
function ownName(work: Work, key: string): string {
  return key.slice(keyPrefix(work.onboarding).length + 1)
}

/** The phase that gives production access; undefined where none does. */
export function livePhase(runbook: Runbook): Phase | undefined {
  return runbook.phases.find(({ steps }) =>
    steps.some((step) => step.uses === ACCESS && step.with['production'] !== false),
  )
}

/** Where `to` leads: `go_live`, `go_live.access`; null: the phase that gives production access. */
export function targetOf(runbook: Runbook, to: string | null): UndoTarget {
  if (to !== null) {
    const [phase = '', step] = to.split('.', 2)
    return { phase, step: step ?? null }
  }
  const live = livePhase(runbook)
  if (live) return { phase: live.id, step: null }
  throw new OnboardError(
    'invalid', 'no-live-phase',
    'no phase gives production access (tenant.access), so the state before it has no name: '
      + 'say under `with: { to: PHASE }` how far to go back',
  )
}

interface Found {
  readonly entry: JournalEntry
  readonly said: Standing
}

/** From where on to look, and what of it is meant. */
function placesOf(work: Work, { to, only }: Reach): { target: UndoTarget; reaches: (key: StepKey) => boolean } {
  if (only === null) {
    const target = targetOf(work.runbook, to)
    const from = position(work, target.phase, target.step)
    return { target, reaches: ({ phase, step }) => position(work, phase, step) >= from }
  }
  const named = only.map((one) => targetOf(work.runbook, one))
  const first = named.reduce<UndoTarget>(
    (a, b) => (position(work, b.phase, b.step) < position(work, a.phase, a.step) ? b : a),
    named[0] ?? { phase: '', step: null },
  )
  return {
    target: first,
    reaches: ({ phase, step }) => named.some((one) => one.phase === phase && (one.step === null || one.step === step)),
  }
}

/** The action that gives production access. */
const ACCESS = 'tenant.access'

/**
 * What stands of the target and of all after it: effects, and the words, looks and waivers that were about them.
 * Newest first, but production access before all else, so that no conflict about something smaller leaves it on.
 */
async function standing(work: Work, { entries }: Look, reach: Reach): Promise<readonly Found[]> {
  const { target, reaches } = placesOf(work, reach)
  const today = String(work.inputs.onboarding['today'])
  const effects = undoable(work, entries, target)
    .filter(({ key }) => reaches(key as StepKey))
    .map((entry) => ({ entry, sort: 'effect' as const }))
  const spoken = [...foldRecords(entries).values()]
    .filter(({ key }) => reaches(key))
    .flatMap(({ word, probed, waived }) => [
      ...(word ? [{ entry: word, sort: 'word' as const }] : []),
      ...(probed ? [{ entry: probed, sort: 'look' as const }] : []),
      ...(waived && waiverHolds(String(waived.facts['until']), today)
        ? [{ entry: waived, sort: 'waiver' as const }]
        : []),
    ])
  const all = [...effects, ...spoken].sort(
    (a, b) => Number(gives(b.entry)) - Number(gives(a.entry)) || b.entry.seq - a.entry.seq,
  )
  return Promise.all(
    all.map(async ({ entry, sort }) => {
      const key = entry.key as StepKey
      const stays = sort === 'effect' && (await isFinal(work, entry))
      return { entry, said: { of: entry.seq, step: keyText(key), title: titleOf(work, key), sort, stays } }
    }),
  )
}

function gives({ facts }: JournalEntry): boolean {
  return facts['uses'] === ACCESS
}

/** Is it an effect that nothing undoes? One whose action is not here any more is none: nobody can say. */
async function isFinal(work: Work, entry: JournalEntry): Promise<boolean> {
  const action = await work.catalogue.load(String(entry.facts['uses']))
  if (action?.kind !== 'effect') return false
  const change = entry.detail['change'] as unknown as Change | undefined
  return action.undo === undefined || change?.reversible === false
}

/** Takes back what stands, and what was added while that went on, until nothing does. */
async function takeBack(work: Work, session: Session, run: string, by: string, reach: Reach): Promise<void> {
  for (;;) {
    const look = await session.look('whole')
    const found = await standing(work, look, reach)
    if (found.length === 0) return
    const undoing = found.filter(({ said }) => said.sort === 'effect' && !said.stays).map(({ entry }) => entry)
    for (const { entry, said } of found) {
      const more: JsonObject = { by, sort: said.sort }
      if (said.sort === 'effect' && !said.stays) {
        await undoEntry(work, session, run, entry, { all: look.entries, undoing }, more)
        continue
      }
      const left: Readonly<Record<string, Json>> = said.stays
        ? { left: `${said.step} stays: ${String(entry.facts['uses'])} cannot be taken back` }
        : {}
      await session.append({ kind: 'undone', key: entry.key, run, facts: { of: entry.seq, ...more }, detail: left })
      work.reached?.(`undo ${said.step} noted`)
    }
  }
}
