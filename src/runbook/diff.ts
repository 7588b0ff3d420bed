/** What differs between two versions of a runbook, and what that means for onboardings under way. */
import { isDeepStrictEqual } from 'node:util'
import {
  type ActionSchemas, isObject, type Json, type Milestone, type Phase, type Runbook, type Step,
} from '../model.ts'

/**
 * What an onboarding under way meets: `again` its work is looked at again, and done where it differs; `void` words
 * given on it may not hold any more; `new` there is more to do; `gone` what it did stays, and nothing looks after it;
 * `order` its turn may come at another moment; `none` nothing that was done is touched.
 */
export type Impact = 'again' | 'void' | 'new' | 'gone' | 'order' | 'none'

export interface FieldDiff {
  /** Dotted: `with.limits.users`. */
  readonly field: string
  /** null: it is not there. */
  readonly before: Json
  readonly after: Json
}

export interface RunbookChange {
  readonly of: 'runbook' | 'phase' | 'step' | 'milestone'
  /** `phase`, `phase.step`, or the name of the milestone; the runbook's own name. */
  readonly id: string
  readonly what: 'added' | 'removed' | 'changed' | 'renamed'
  /** The id before, where it was renamed. */
  readonly was: string | null
  readonly fields: readonly FieldDiff[]
  readonly impact: Impact
}

/** Fields that say where something stands, or that are compared on their own. */
const APART: readonly string[] = ['id', 'at', 'steps', 'phases', 'procedures', 'milestones', 'digest', 'name', 'inputs']
const ORDER: readonly string[] = ['needs', 'when', 'for_each', 'on', 'starts', 'days', 'capability']
const WORK: readonly string[] = ['uses', 'with']

/** Every change, in the order of the newer runbook; what was removed comes last. */
export function diffRunbooks(before: Runbook, after: Runbook, actions: ActionSchemas): RunbookChange[] {
  const [old, now] = [stepsOf(before), stepsOf(after)]
  const added = [...now].filter(([id]) => !old.has(id))
  const removed = new Map([...old].filter(([id]) => !now.has(id)))
  const renamed = new Map<string, string>()
  for (const [id, step] of added) {
    const was = [...removed].find(([, gone]) => sameWork(gone, step))?.[0]
    if (was === undefined) continue
    renamed.set(id, was)
    removed.delete(was)
  }
  const step = (id: string, one: Step): RunbookChange[] => {
    const was = renamed.get(id)
    const earlier = old.get(was ?? id)
    if (earlier === undefined) return [change('step', id, 'added', [], 'new')]
    const fields = fieldDiffs(earlier, one)
    // The journal knows a step by its name: under another one, nothing that it holds counts.
    if (was !== undefined) return [{ ...change('step', id, 'renamed', fields, 'new'), was }]
    return fields.length === 0 ? [] : [change('step', id, 'changed', fields, impactOf(one, fields, actions))]
  }
  const phases = [...after.phases, ...after.procedures]
  const phasesBefore = [...before.phases, ...before.procedures]
  return [
    ...changed('runbook', after.name, before, after),
    ...phases.flatMap((phase) => {
      const earlier = phasesBefore.find(({ id }) => id === phase.id)
      const own = earlier === undefined
        ? [change('phase', phase.id, 'added', [], 'new')]
        : changed('phase', phase.id, earlier, phase)
      return [...own, ...phase.steps.flatMap((one) => step(`${phase.id}.${one.id}`, one))]
    }),
    ...byId('milestone', before.milestones, after.milestones),
    ...phasesBefore
      .filter(({ id }) => !phases.some((phase) => phase.id === id))
      .map(({ id }) => change('phase', id, 'removed', [], 'gone')),
    ...[...removed.keys()].map((id) => change('step', id, 'removed', [], 'gone')),
  ]
}

function stepsOf({ phases, procedures }: Runbook): ReadonlyMap<string, Step> {
  const all = [...phases, ...procedures]
  return new Map(all.flatMap(({ id, steps }: Phase) => steps.map((step) => [`${id}.${step.id}`, step])))
}

function sameWork(a: Step, b: Step): boolean {
  return a.uses === b.uses && isDeepStrictEqual(a.with, b.with)
}

function byId(of: 'milestone', before: readonly Milestone[], after: readonly Milestone[]): RunbookChange[] {
  return [
    ...after.flatMap((one) => {
      const earlier = before.find(({ id }) => id === one.id)
      return earlier === undefined ? [change(of, one.id, 'added', [], 'none')] : changed(of, one.id, earlier, one)
    }),
    ...before
      .filter(({ id }) => !after.some((one) => one.id === id))
      .map(({ id }) => change(of, id, 'removed', [], 'none')),
  ]
}

function changed(of: RunbookChange['of'], id: string, before: object, after: object): RunbookChange[] {
  const fields = fieldDiffs(before, after)
  if (fields.length === 0) return []
  return [change(of, id, 'changed', fields, fields.some(({ field }) => isOneOf(ORDER, field)) ? 'order' : 'none')]
}

function change(
  of: RunbookChange['of'], id: string, what: RunbookChange['what'], fields: readonly FieldDiff[], impact: Impact,
): RunbookChange {
  return { of, id, what, was: null, fields, impact }
}

function impactOf(step: Step, fields: readonly FieldDiff[], actions: ActionSchemas): Impact {
  const about = (names: readonly string[]) => fields.some(({ field }) => isOneOf(names, field))
  const asks = actions.get(step.uses)?.kind === 'ask'
  // A question is put to the step's owners where it names nobody: they are part of what was signed.
  if (asks && about([...WORK, 'binds', ...(step.with['from'] === undefined ? ['owner'] : [])])) return 'void'
  if (!asks && about(WORK)) return 'again'
  return about(ORDER) ? 'order' : 'none'
}

function isOneOf(names: readonly string[], field: string): boolean {
  return names.some((name) => field === name || field.startsWith(`${name}.`))
}

function fieldDiffs(before: object, after: object): FieldDiff[] {
  const [a, b] = [before as Readonly<Record<string, Json>>, after as Readonly<Record<string, Json>>]
  const names = [...new Set([...Object.keys(b), ...Object.keys(a)])].filter((name) => !APART.includes(name))
  return names.flatMap((name) => leaves(name, a[name], b[name]))
}

/** The smallest parts that differ; lists as a whole. */
function leaves(field: string, before: Json | undefined, after: Json | undefined): FieldDiff[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])]
    return keys.flatMap((key) => leaves(`${field}.${key}`, before[key], after[key]))
  }
  // A runbook that was stored has its keys in another order.
  if (isDeepStrictEqual(before ?? null, after ?? null)) return []
  return [{ field, before: before ?? null, after: after ?? null }]
}
