import type { Action, Reader } from '../contract.ts'
import { UNKNOWN, type FieldChange, type PlannedAction, type StepKey } from '../model.ts'
import { fieldChanges } from './differences.ts'
import { actionOfStep } from './evaluation.ts'
import { pastOf } from './past.ts'
import { draft } from './draft.ts'
import type { Look, Work } from './ports.ts'
import { UNDO } from './procedure.ts'
import { recordedAtOnce } from './recorded.ts'
import { foldRecords, type Records } from './records.ts'
import { EVERYTHING, Walk, type Turn } from './walk.ts'

/** What moved since the onboarding's steps were done. */
export interface Drift {
  readonly onboarding: string
  /** Steps that were looked at. */
  readonly checked: number
  readonly drifted: readonly {
    readonly key: StepKey
    readonly title: string
    readonly uses: string
    readonly target: string | null
    /** Stored now → what the runbook wants. */
    readonly changes: readonly FieldChange[]
    readonly reason: string | null
  }[]
}

/** What is known only after apply, or waits for somebody, was not seen to differ. */
const MOVED: readonly PlannedAction[] = ['create', 'update', 'delete', 'run', 'blocked']

/**
 * Drift is plan on a Reader, for what was done before: a step that was never done is work, not drift, and is not looked
 * at. All is seen on one snapshot.
 */
export async function drift(work: Work): Promise<Drift> {
  return work.reading(async (reader, look) => {
    const records = foldRecords(look.entries)
    const done = [...records.values()].some((record) => record.done !== null)
    return done
      ? moved(work, records, look, onOneSnapshot(reader))
      : { onboarding: work.onboarding.key, checked: 0, drifted: [] }
  })
}

async function moved(work: Work, records: Records, look: Look, reader: (key: string) => Reader): Promise<Drift> {
  const read = (key: string): Reader => Object.assign(reader(key), { past: pastOf(work, key, async () => look) })
  const walk = new Walk(work, records, look.now, { ...EVERYTHING, beside: true })
  const drifted: Drift['drifted'][number][] = []
  let checked = 0
  for (const turn of walk.turns()) {
    const { key, record, step: { title, uses } } = turn
    // What people said and probes saw is not looked at again: as far as it holds, it counts.
    const known = record?.done ? undefined : recordedAtOnce(work, turn, look.now)
    const action = known?.state === 'settled' ? undefined : await actionOfStep(work, turn)
    if (known?.state === 'settled') walk.settle(turn, true, known.outputs)
    else if (action === undefined || isWork(turn, action)) walk.settle(turn, true, UNKNOWN)
    else {
      const drafted = await draft(work, turn, action, read, look.now)
      walk.settle(turn, drafted.action !== 'blocked', drafted.outputs)
      if (!record?.done) continue
      checked += 1
      // That something was done since is no drift of the step that takes everything back.
      if (!MOVED.includes(drafted.action) || uses === UNDO) continue
      const change = drafted.change ?? null
      drifted.push({
        key,
        title,
        uses,
        target: change?.target ?? null,
        changes: drafted.fields ?? fieldChanges(change),
        reason: drafted.reason ?? null,
      })
    }
  }
  return { onboarding: work.onboarding.key, checked, drifted }
}

/** An effect that was never done, and could be. */
function isWork({ record, readiness }: Turn, action: Action): boolean {
  return action.kind === 'effect' && !record?.done && readiness.state === 'ready'
}

/** Steps that ask the same have the same answer: nothing changes on a snapshot. */
function onOneSnapshot(reader: (key: string) => Reader): (key: string) => Reader {
  const answers = new Map<string, Promise<unknown>>()
  const once = <T>(sql: string, params: readonly unknown[], ask: () => Promise<T>): Promise<T> => {
    const name = JSON.stringify([sql, params])
    const known = (answers.get(name) as Promise<T> | undefined) ?? ask()
    answers.set(name, known)
    // What was refused ended the snapshot.
    known.catch(() => answers.clear())
    return known
  }
  return (key) => {
    const own = reader(key)
    return {
      ...own,
      many: <R>(sql: string, params: readonly unknown[] = []) => once(sql, params, () => own.many<R>(sql, params)),
      one: async <R>(sql: string, params: readonly unknown[] = []) =>
        (await once(sql, params, () => own.many<R>(sql, params)))[0],
    }
  }
}
