import type { FieldChange, Json, Outcome } from '../../model.ts'
import { nearest } from '../../input/nearest.ts'
import type { MilestoneStatus } from '../milestones.ts'
import { contains, type Expected } from './script.ts'

/** How a step ended. */
export interface SeenStep {
  readonly outcome: Outcome
  readonly reason: string | null
  readonly changes: readonly FieldChange[]
}

/** How a moment ended. */
export interface Seen {
  readonly steps: ReadonlyMap<string, SeenStep>
  readonly waiting: ReadonlyMap<string, readonly string[]>
  readonly milestones: readonly MilestoneStatus[]
  readonly exit: number
}

type Say = (path: readonly (string | number)[], message: string) => void

/** Says of everything that is not as expected what it is instead. */
export function judge(seen: Seen, expected: Expected, say: Say): void {
  const at = (...path: string[]) => ['expect', ...path]
  const found = (section: string, step: string) => {
    const one = seen.steps.get(step)
    if (one === undefined) {
      const near = nearest(step, seen.steps.keys())
      say(at(section, step), `there is no step ${step}${hint(near)}`)
    }
    return one
  }
  for (const [step, outcome] of Object.entries(expected.outcomes ?? {})) {
    const one = found('outcomes', step)
    if (one !== undefined && one.outcome !== outcome) {
      say(at('outcomes', step), `${step} is ${one.outcome}, not ${outcome}${why(seen.steps, one.reason)}`)
    }
  }
  for (const [step, part] of Object.entries(expected.reasons ?? {})) {
    const one = found('reasons', step)
    if (one !== undefined && !(one.reason ?? '').includes(part)) {
      say(at('reasons', step), `${step} says ${JSON.stringify(one.reason)}`)
    }
  }
  for (const [step, fields] of Object.entries(expected.changes ?? {})) {
    const one = found('changes', step)
    if (one === undefined) continue
    for (const [field, value] of Object.entries(fields)) {
      const change = one.changes.find((known) => known.field === field)
      const is = change === undefined ? 'is not changed' : `becomes ${JSON.stringify(change.after)}`
      if (change === undefined || !contains(change.after, value as Json)) {
        say(at('changes', step, field), `${field} of ${step} ${is}, not ${JSON.stringify(value)}`)
      }
    }
  }
  if (expected.waiting !== undefined) judgeWaiting(seen, expected.waiting, say)
  for (const [id, state] of Object.entries(expected.milestones ?? {})) {
    const one = seen.milestones.find((known) => known.id === id)
    const near = one === undefined ? nearest(id, seen.milestones.map((known) => known.id)) : undefined
    if (one === undefined) say(at('milestones', id), `there is no milestone ${id}${hint(near)}`)
    else if (one.state !== state) {
      const on = one.on ?? `~${one.forecast ?? '(no date)'}`
      say(at('milestones', id), `${id} is ${one.state}, not ${state}: by ${one.by ?? '(no date)'}, ${on}`)
    }
  }
  if (expected.exit !== undefined && expected.exit !== seen.exit) {
    say(at('exit'), `apply exits with ${seen.exit}, not ${expected.exit}`)
  }
}

function hint(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** The reason; of a step that others hold up, how the first one that holds up all stands, and why. */
function why(steps: Seen['steps'], reason: string | null): string {
  if (reason === null) return ''
  const [, names] = /^needs (.+)$/.exec(reason) ?? []
  const needed = names?.split(', ') ?? []
  const open = [...steps].find(([key, { outcome }]) => (
    needed.includes(key.split('/')[0] ?? '') && ['blocked', 'failed', 'waiting'].includes(outcome)
  ))
  if (open === undefined) return `: ${reason}`
  const [key, { outcome, reason: further }] = open
  if (further?.startsWith('needs ')) return why(steps, further)
  return `: ${reason}; ${key} is ${outcome}${further === null ? '' : `: ${further}`}`
}

function judgeWaiting({ waiting, steps }: Seen, expected: NonNullable<Expected['waiting']>, say: Say): void {
  for (const [step, roles] of Object.entries(expected)) {
    const asked = waiting.get(step)
    const path = ['expect', 'waiting', step]
    if (asked === undefined) {
      say(path, `${step} does not wait for anybody: it is ${steps.get(step)?.outcome ?? 'no step'}`)
    } else if (asked.toSorted().join() !== roles.toSorted().join()) {
      say(path, `${step} waits for ${asked.join(', ')}, not ${roles.join(', ')}`)
    }
  }
  for (const [step, roles] of waiting) {
    if (!(step in expected)) say(['expect', 'waiting'], `${step} waits for ${roles.join(', ')} as well`)
  }
}
