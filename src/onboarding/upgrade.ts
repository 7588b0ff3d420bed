import { actionOfStep, questionOf } from '../engine/evaluation.ts'
import { keyText } from '../engine/keys.ts'
import type { Work } from '../engine/ports.ts'
import { isOver } from '../engine/procedure.ts'
import { wordReadiness } from '../engine/readiness.ts'
import { recorded, settleByPast } from '../engine/recorded.ts'
import { foldRecords } from '../engine/records.ts'
import { EVERYTHING, Walk } from '../engine/walk.ts'

export interface SignOff {
  /** `phase.step`, with `/instance` where it repeats. */
  readonly step: string
  /** kept: what it was given on reads the same. void: it reads otherwise. gone: there is no such step any more. */
  readonly state: 'kept' | 'void' | 'gone'
}

/**
 * What becomes of the words given so far under another version of the runbook: `next` is the onboarding with that one.
 */
export async function signOffsUnder(next: Work): Promise<SignOff[]> {
  return next.reading(async (_read, look) => {
    const records = foldRecords(look.entries)
    const given = [...records].filter(([, { key }]) => !isOver(records.procedures, key))
    const isWord = (kind: string | undefined): boolean => kind === 'signed' || kind === 'attested'
    const open = new Set(given.filter(([, { word }]) => isWord(word?.kind)).map(([name]) => name))
    const found: SignOff[] = []
    const walk = new Walk(next, records, look.now, EVERYTHING, 'journal')
    for (const turn of walk.turns()) {
      const state = await recorded(next, turn, look.now)
      settleByPast(next, walk, turn, state)
      const name = keyText(turn.key)
      if (!open.delete(name)) continue
      const action = await actionOfStep(next, turn)
      if (action.kind !== 'ask') found.push({ step: name, state: 'void' })
      else {
        const { question, binds } = questionOf(next, turn, action)
        const holds = wordReadiness(action as never, question, turn.record, binds).state === 'settled'
        found.push({ step: name, state: holds ? 'kept' : 'void' })
      }
    }
    return [...found, ...[...open].map((step): SignOff => ({ step, state: 'gone' }))]
  })
}
