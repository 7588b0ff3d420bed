import { actionOfStep, inputsOf } from '../engine/evaluation.ts'
import { digest } from '../engine/digest.ts'
import { keyText } from '../engine/keys.ts'
import type { Work } from '../engine/ports.ts'
import { recorded, settleByPast } from '../engine/recorded.ts'
import { foldRecords } from '../engine/records.ts'
import { EVERYTHING, Walk } from '../engine/walk.ts'
import type { Turn } from '../engine/walk.ts'
import { OnboardError } from '../errors.ts'

export interface Replanned {
  /** `phase.step`, with `/instance` where it repeats. */
  readonly step: string
  readonly title: string
  /** inputs: done, with other values than it would have now. begins, ends: its `when:` says otherwise now. */
  readonly why: 'inputs' | 'begins' | 'ends'
}

interface Seen {
  readonly title: string
  readonly applies: boolean
  readonly acted: boolean
  readonly asks: boolean
  readonly inputs: string
}

/** Steps that come out otherwise under other inputs: `before` and `after` are one onboarding, with old and new ones. */
export async function replanned(before: Work, after: Work): Promise<Replanned[]> {
  const [was, is] = [await stepsOf(before), await stepsOf(after)]
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((step): Replanned[] => {
    const [old, now] = [was.get(step), is.get(step)]
    const title = (now ?? old)?.title ?? ''
    if (now?.applies === true && old?.applies !== true) return [{ step, title, why: 'begins' }]
    if (old?.applies === true && now?.applies !== true) return [{ step, title, why: 'ends' }]
    const differs = old?.acted === true && !old.asks && now?.applies === true && old.inputs !== now.inputs
    return differs ? [{ step, title, why: 'inputs' }] : []
  })
}

/** What each step would be given, by name; what is not known yet stands for itself. */
async function stepsOf(work: Work): Promise<Map<string, Seen>> {
  return work.reading(async (_read, look) => {
    const steps = new Map<string, Seen>()
    const walk = new Walk(work, foldRecords(look.entries), look.now, EVERYTHING)
    for (const turn of walk.turns()) {
      steps.set(keyText(turn.key), await seen(work, turn))
      const state = await recorded(work, turn, look.now)
      settleByPast(work, walk, turn, state)
    }
    return steps
  })
}

async function seen(work: Work, turn: Turn): Promise<Seen> {
  const { step, scope, record } = turn
  const action = await actionOfStep(work, turn)
  return {
    title: step.title,
    applies: told(() => work.evaluator.when(step, scope)) !== false,
    acted: record !== undefined && (record.done !== null || record.probed !== null),
    asks: action.kind === 'ask',
    inputs: digest(told(() => inputsOf(work, turn, action))),
  }
}

/** What an expression gives, or what it fails with: that differs as values do. */
function told<T>(evaluate: () => T): T | string {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof OnboardError) return error.message
    throw error
  }
}
