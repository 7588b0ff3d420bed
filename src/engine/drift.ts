import type { FieldChange, PlannedAction, StepKey } from '../model.ts'
import { keyText } from './keys.ts'
import { plan } from './plan.ts'
import type { Work } from './ports.ts'
import { UNDO } from './procedure.ts'
import { foldRecords } from './records.ts'
import { EVERYTHING } from './walk.ts'

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

/** Drift is plan on a Reader, for what was done before: a step that was never done is work, not drift. */
export async function drift(work: Work): Promise<Drift> {
  const done = await work.reading(async (_read, look) => {
    const records = foldRecords(look.entries)
    return new Set([...records].filter(([, r]) => r.done !== null).map(([name]) => name))
  })
  if (done.size === 0) return { onboarding: work.onboarding.key, checked: 0, drifted: [] }
  const planned = await plan(work, { ...EVERYTHING, beside: true })
  const looked = planned.steps.filter((s) => done.has(keyText(s.key)))
  const drifted = looked
    // That something was done since is no drift of the step that takes everything back.
    .filter((s) => MOVED.includes(s.action) && s.uses !== UNDO)
    .map(({ key, title, uses, target, changes, reason }) => ({ key, title, uses, target, changes, reason }))
  return { onboarding: work.onboarding.key, checked: looked.length, drifted }
}
