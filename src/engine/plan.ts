import type { Action, Reader } from '../contract.ts'
import { EXIT, worstExit } from '../errors.ts'
import type { Plan, PlannedAction, PlannedStep, Step } from '../model.ts'
import { basisOf } from './basis.ts'
import { fieldChanges } from './differences.ts'
import { digest, hasUnknown } from './digest.ts'
import { draft, type Drafted } from './draft.ts'
import { actionOfStep, inputsOf } from './evaluation.ts'
import { holdOf } from './held.ts'
import { keyText } from './keys.ts'
import { pastOf } from './past.ts'
import type { Work } from './ports.ts'
import { recorded } from './recorded.ts'
import { foldRecords } from './records.ts'
import { EVERYTHING, Walk } from './walk.ts'
import type { Extent, Turn } from './walk.ts'

/** What apply would do. */
export const PENDING: readonly PlannedAction[] = ['create', 'update', 'delete', 'run', 'later']

/**
 * Shows what `apply` would change, on a Reader that cannot write. A step that waits for a person or a date does not end
 * the plan: what comes after it is shown as it will be then. Steps that `looksAt` leaves out are believed to stand as
 * the journal says, where they are done by it: they are in no such plan.
 */
export async function plan(
  work: Work, extent: Extent = EVERYTHING, looksAt: (step: Step) => boolean = () => true,
): Promise<Plan> {
  return work.reading(async (reader, look) => {
    const read = (key: string): Reader => Object.assign(reader(key), { past: pastOf(work, key, async () => look) })
    const records = foldRecords(look.entries)
    const hold = holdOf(records)
    const walk = new Walk(work, records, look.now, extent)
    const steps: PlannedStep[] = []
    const observed: unknown[] = []
    const exits: number[] = []
    const touched: string[] = []
    /** By `phase.step`: what stands between it and this run. */
    const waits = new Map<string, readonly string[]>()
    for (const turn of walk.turns()) {
      const known = turn.wanted && looksAt(turn.step) ? null : await recorded(work, turn, look.now)
      const own = `${turn.key.phase}.${turn.key.step}`
      const after = [...new Set(walk.needsOf(turn.phase, turn.step).flatMap((needed) => waits.get(needed) ?? []))]
      if (known?.state === 'settled') {
        walk.settle(turn, true, known.outputs) // as `apply` takes it
        waits.set(own, [...(waits.get(own) ?? []), ...after]) // of what is skipped before its turn
        continue
      }
      const action = await actionOfStep(work, turn)
      const drafted = await draft(work, turn, action, read, look.now)
      const owns = ownedBy(action, work, turn)
      const again = action.kind === 'effect' && owns.some((o) => touched.some((t) => overlaps(o, t)))
      if (PENDING.includes(drafted.action)) touched.push(...owns)
      walk.settle(turn, drafted.action !== 'blocked', drafted.outputs)
      const name = keyText(turn.key)
      const stops = drafted.action === 'ask' || drafted.action === 'wait' || !turn.wanted ? [name] : after
      waits.set(own, [...(waits.get(own) ?? []), ...stops])
      if (!turn.wanted) continue
      exits.push(drafted.exit ?? EXIT.done)
      steps.push(planned(turn, action, drafted, after, again))
      observed.push([
        name, turn.step.uses, drafted.action, drafted.change ?? null, drafted.seen ?? null, drafted.fields ?? null,
      ])
    }
    const { name, version, digest: pinned } = work.runbook
    return {
      onboarding: work.onboarding.key,
      runbook: { name, version, digest: pinned },
      scope: extent,
      steps,
      ...(hold === null ? {} : { held: { since: hold.since, by: hold.by, reason: hold.reason } }),
      pending: steps.filter((s) => PENDING.includes(s.action)).length,
      exit: worstExit(exits),
      fingerprint: digest({ runbook: pinned, inputs: basisOf(work.inputs, pinned), extent, observed }),
    }
  })
}

/** `after`: what has its turn first; `again`: something before it will change what it looks at. */
function planned(turn: Turn, action: Action, drafted: Drafted, after: readonly string[], again: boolean): PlannedStep {
  const { key, step: { title, uses, owner } } = turn
  const { action: does, change = null, fields = fieldChanges(change), next = null } = drafted
  const comesLater = PENDING.includes(does) && after.length > 0
  return {
    key, title, uses, owner,
    action: does,
    target: change?.target ?? null,
    changes: fields,
    reversible: action.kind !== 'effect' || (action.undo !== undefined && change?.reversible !== false),
    again: again && does !== 'later',
    reason: comesLater ? `after ${after.join(', ')}` : (drafted.reason ?? null),
    next,
  }
}

function ownedBy(action: Action, work: Work, turn: Turn): readonly string[] {
  if (action.kind !== 'effect' || turn.readiness.state !== 'ready') return []
  try {
    const inputs = inputsOf(work, turn, action)
    return hasUnknown(inputs) ? [] : action.owns(inputs as never)
  } catch {
    return [] // the step's own draft says what is wrong with its inputs
  }
}

/** `tenant/acme` and `tenant/acme/settings` are about the same thing; `tenant/acme` and `tenant/acme2` are not. */
function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}
