import { OnboardError } from '../errors.ts'
import type { JsonObject, Phase, Runbook, StepKey } from '../model.ts'
import { nearest } from '../input/nearest.ts'
import { cancellationOf, refuseCancelled } from './cancelled.ts'
import { refuseOutdated } from './current.ts'
import type { Entry, JournalEntry, Look, Session, Work } from './ports.ts'
import type { Turn } from './walk.ts'

/**
 * One time that a procedure is carried out. Its steps have keys of its own:
 * `rollback.approval/1`, `rollback.approval/2`.
 */
export interface Occurrence {
  readonly procedure: string
  /** 1 for its first time. */
  readonly number: number
  /** Of those that the procedure names; null where it names none. */
  readonly condition: string | null
  readonly issue: string | null
  /** null: erased on request. */
  readonly reason: string | null
  /** Day on which it began, where the vendor is. */
  readonly began: string
  /** Instant of its beginning. */
  readonly at: string
  readonly closed: boolean
  /** It has begun to take back what phases did: they wait until it is closed. */
  readonly undoing: boolean
}

/** Why a procedure is begun. */
export interface Beginning {
  readonly procedure: string
  readonly condition: string | null
  readonly issue: string | null
  readonly reason: string
}

/** The action that takes back what was applied. */
export const UNDO = 'onboarding.undo'

/** All occurrences that the journal knows, oldest first. */
export function occurrencesOf(entries: readonly JournalEntry[]): readonly Occurrence[] {
  const found = new Map<string, Occurrence>()
  for (const entry of entries) {
    if (entry.kind === 'began') {
      const one = occurrenceOf(entry)
      found.set(nameOf(one), one)
    } else if (entry.kind === 'closed') {
      const name = `${entry.facts['procedure']}/${entry.facts['occurrence']}`
      const one = found.get(name)
      if (one) found.set(name, { ...one, closed: true })
    } else if (entry.kind === 'intent' && entry.facts['uses'] === UNDO && entry.key) {
      const name = `${entry.key.phase}/${entry.key.instance.split('.')[0]}`
      const one = found.get(name)
      if (one) found.set(name, { ...one, undoing: true })
    }
  }
  return [...found.values()]
}

function occurrenceOf({ facts, detail, at }: JournalEntry): Occurrence {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  return {
    procedure: String(facts['procedure']), number: Number(facts['occurrence']),
    condition: text(facts['condition']), issue: text(facts['issue']), reason: text(detail['reason']),
    began: text(facts['day']) ?? at.slice(0, 10), at, closed: false, undoing: false,
  }
}

/** `rollback/2` */
export function nameOf({ procedure, number }: Pick<Occurrence, 'procedure' | 'number'>): string {
  return `${procedure}/${number}`
}

/** Instance part of the key of a step of this occurrence: `2`, and `2.day-1` where the step itself repeats. */
export function instanceOf({ number }: Occurrence, inner: string): string {
  return inner === '' ? String(number) : `${number}.${inner}`
}

/** Is it a step of a procedure that has ended? What was said and seen in it stays, whatever becomes of the runbook. */
export function isOver(occurrences: readonly Occurrence[], { phase, instance }: StepKey): boolean {
  return occurrences.some(
    ({ procedure, number, closed }) => closed && procedure === phase && instance.split('.')[0] === String(number),
  )
}

/** What its steps' expressions read as `procedure`. */
export function factsOf({ number, condition, issue, reason, began }: Occurrence): JsonObject {
  return { occurrence: number, condition, issue, reason: reason ?? '(erased)', began }
}

/** The procedure of a runbook by its id. Throws usage, with the nearest name. */
export function procedureOf(runbook: Runbook, id: string, customer: string): Phase {
  const found = runbook.procedures.find((one) => one.id === id)
  if (found) return found
  const names = runbook.procedures.map((one) => one.id)
  const near = nearest(id, names)
  const said =
    names.length === 0 ? 'it has none' : near === undefined ? `it has ${names.join(', ')}` : `did you mean ${near}?`
  throw new OnboardError('usage', 'unknown-procedure', `The runbook of ${customer} has no procedure '${id}': ${said}`, {
    suggestions: [`onboard status ${customer}`],
  })
}

/**
 * Begins a procedure, unless it is under way for the same reason: then nothing is written. Gives the journal as it
 * stands after. Throws a conflict where another one is under way, and as a run does where it is cancelled or moved on.
 */
export async function begin(work: Work, session: Session, run: string, wanted: Beginning): Promise<Look> {
  const look = await session.look('brief')
  refuseCancelled(work.onboarding.key, cancellationOf(look.entries))
  refuseOutdated(work, look.entries)
  const all = occurrencesOf(look.entries)
  const open = all.find((one) => !one.closed)
  if (open !== undefined) {
    if (sameBeginning(open, wanted)) return look
    const why = open.condition === null ? '' : ` (${open.condition})`
    throw new OnboardError(
      'conflict', 'under-way',
      `${nameOf(open)}${why} of ${work.onboarding.key} is under way since ${open.began}: `
        + 'it goes on, and ends, before another begins',
      { suggestions: [`onboard apply ${work.onboarding.key}`, `onboard status ${work.onboarding.key}`] },
    )
  }
  await session.append(beganEntry(work, run, wanted, all))
  work.reached?.(`${wanted.procedure} began`)
  return session.look('brief')
}

function sameBeginning(open: Occurrence, wanted: Beginning): boolean {
  return (
    open.procedure === wanted.procedure &&
    open.condition === wanted.condition &&
    open.issue === wanted.issue &&
    open.reason === wanted.reason
  )
}

function beganEntry(work: Work, run: string | null, wanted: Beginning, all: readonly Occurrence[]): Entry {
  const occurrence = 1 + all.filter((one) => one.procedure === wanted.procedure).length
  const day = String(work.inputs.onboarding['today'])
  const { procedure, condition, issue, reason } = wanted
  return { kind: 'began', key: null, run, facts: { procedure, occurrence, condition, issue, day }, detail: { reason } }
}

/** The onboarding as it will be once the procedure has begun: for a plan of it. One under way stays as it is. */
export function supposing(work: Work, wanted: Beginning): Work {
  return {
    ...work,
    reading: (look, extent, timeout) => work.reading((read, { entries, now }) => {
      const all = occurrencesOf(entries)
      if (all.some((one) => !one.closed)) return look(read, { entries, now })
      const seq = (entries.at(-1)?.seq ?? 0) + 1
      const stamped = { seq, at: now, session_user: '', hash: '', erased: [] }
      const entry: JournalEntry = { ...beganEntry(work, null, wanted, all), ...stamped }
      return look(read, { entries: [...entries, entry], now })
    }, extent, timeout),
  }
}

/** Watches a walk for the end of what is under way: a procedure ends when all of its steps are settled. */
export class Ending {
  readonly #open: ReadonlyMap<string, Occurrence>
  readonly #unsettled = new Set<string>()
  readonly #seen = new Set<string>()

  constructor(occurrences: readonly Occurrence[]) {
    this.#open = new Map(occurrences.filter((one) => !one.closed).map((one) => [one.procedure, one]))
  }

  saw({ phase }: Turn, satisfied: boolean): void {
    if (!this.#open.has(phase.id)) return
    this.#seen.add(phase.id)
    if (!satisfied) this.#unsettled.add(phase.id)
  }

  /** An entry for each that has ended. */
  entries(run: string): readonly Entry[] {
    return [...this.#open.values()]
      .filter(({ procedure }) => this.#seen.has(procedure) && !this.#unsettled.has(procedure))
      .map(({ procedure, number }) => ({ procedure, occurrence: number }))
      .map((facts) => ({ kind: 'closed', key: null, run, facts, detail: {} }))
  }
}
