/** What a journal says of an onboarding's time: its go-live as it was moved, since when it is live, and its holds. */
import { dateIn, daysBetween } from '../dates.ts'
import type { Inputs, JsonObject } from '../model.ts'
import { tookPlace } from './took-place.ts'
import type { EntryKind, JournalEntry } from './ports.ts'

/** A stretch in which the clocks stood. */
export interface Hold {
  /** ISO 8601 instants; `until` is null while it lasts. */
  readonly since: string
  readonly until: string | null
  /** null where it was erased. */
  readonly by: string | null
  readonly reason: string | null
}

/** One move of the go-live, with the date that the handoff had then. */
export interface Move {
  readonly handoff: string
  readonly from: string
  readonly to: string
  readonly at: string
  readonly by: string | null
  readonly reason: string | null
}

export interface Times {
  readonly moves: readonly Move[]
  readonly holds: readonly Hold[]
  /** Instant of the entry that gave production access, where it was not taken back since; null: not live. */
  readonly live_at: string | null
}

/** The action that gives production access. */
const ACCESS = 'tenant.access'

/** Has a step with these outputs given production access (true), or taken it (false)? null: it is of something else. */
export function accessOf(uses: unknown, outputs: unknown): boolean | null {
  if (uses !== ACCESS || typeof outputs !== 'object' || outputs === null || !('status' in outputs)) return null
  return outputs.status === 'live'
}

/** Kinds of entries that say something of time. */
const TELLS: ReadonlySet<EntryKind> = new Set([
  'rescheduled', 'revised', 'held', 'resumed', 'undone', 'done', 'adopted',
])

/** Folds a journal, oldest first. */
export function timesOf(entries: readonly JournalEntry[]): Times {
  const moves: Move[] = []
  const holds: Hold[] = []
  /** Entries that gave access and stand, oldest first: drift that is put right does not begin the days anew. */
  let given: JournalEntry[] = []
  for (const entry of entries) {
    const { kind, at, facts, detail } = entry
    if (!TELLS.has(kind)) continue
    const said = { by: nameIn(entry), reason: textOf(detail['reason']) }
    if (kind === 'rescheduled') {
      const { handoff, from, to } = facts
      moves.push({ handoff: String(handoff), from: String(from), to: String(to), at, ...said })
    }
    if (kind === 'revised') moves.push(...moveOf(entry, moves.at(-1)))
    const last = holds.at(-1)
    const open = last?.until === null
    // Two people may hold it at the same moment: the first counts.
    if (kind === 'held' && !open) holds.push({ since: at, until: null, ...said })
    if (kind === 'resumed' && open) holds[holds.length - 1] = { ...last, until: at }
    if (kind === 'undone') given = given.filter(({ seq }) => seq !== facts['of'])
    if (kind !== 'done' && kind !== 'adopted') continue
    const access = accessOf(facts['uses'], detail['outputs'])
    if (access !== null) given = access ? [...given, entry] : []
  }
  return { moves, holds, live_at: given[0] === undefined ? null : tookPlace(given[0]) }
}

/** A handoff that was revised may name another go-live. */
function moveOf(entry: JournalEntry, last: Move | undefined): Move[] {
  const { at, detail } = entry
  const changes = Array.isArray(detail['changes']) ? (detail['changes'] as readonly JsonObject[]) : []
  const date = changes.find(({ field }) => /(?:^|\.)dates\.go_live$/.test(String(field)))
  const [before, after] = [textOf(date?.['before']), textOf(date?.['after'])]
  if (before === null || after === null) return []
  const from = last?.handoff === before ? last.to : before
  return [{ handoff: after, from, to: after, at, by: nameIn(entry), reason: textOf(detail['reason']) }]
}

/** The hold that lasts, or null. */
export function heldBy({ holds }: Times): Hold | null {
  const last = holds.at(-1)
  return last?.until === null ? last : null
}

/** The go-live that holds, `YYYY-MM-DD`: the last move, unless the handoff names another since; else the handoff's. */
export function goLiveOf(handoff: JsonObject, { moves }: Pick<Times, 'moves'>): string | null {
  const written = writtenGoLive(handoff)
  const last = moves.at(-1)
  return last !== undefined && last.handoff === written ? last.to : written
}

/** As the handoff has it. */
export function writtenGoLive(handoff: JsonObject): string | null {
  return textOf((handoff['dates'] as JsonObject | undefined)?.['go_live'])
}

/**
 * The context `onboarding`, of which the inputs hold what never changes and today.
 * Days are reckoned when they are read.
 */
export function onboardingAt({ handoff, config, onboarding }: Inputs, times: Times): JsonObject {
  const go_live = goLiveOf(handoff, times)
  let live: string | undefined
  const moment = {
    go_live,
    get live_on() {
      if (times.live_at === null) return null
      return (live ??= dateIn(times.live_at, textOf(config['time_zone']) ?? 'UTC'))
    },
    get day() {
      const { live_on } = this
      return live_on === null ? null : daysBetween(live_on, String(onboarding['today']))
    },
  }
  // With its getters: what is reckoned only when it is read stays so.
  return Object.defineProperties(moment, Object.getOwnPropertyDescriptors(onboarding)) as unknown as JsonObject
}

function nameIn({ detail }: JournalEntry): string | null {
  const { by, recorder } = detail as { by?: { name?: string }; recorder?: { name?: string } }
  return by?.name ?? recorder?.name ?? null
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
