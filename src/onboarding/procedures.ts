import { plan } from '../engine/plan.ts'
import { targetOf } from '../engine/past.ts'
import type { Work } from '../engine/ports.ts'
import { type Beginning, type Occurrence, nameOf, occurrencesOf, supposing, UNDO } from '../engine/procedure.ts'
import { planUndo, type UndoPlan } from '../engine/undo.ts'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import type { Phase, Plan } from '../model.ts'

/** What a person says to begin a procedure. */
export interface BeginRequest {
  readonly condition: string | undefined
  readonly issue: string | undefined
  readonly reason: string | undefined
  readonly customer: string
  /** The command as it was typed, without its condition, and without a reason that is none. */
  readonly retype: string
}

/**
 * The request as the engine takes it. Throws usage where the condition is none of the procedure's, or no reason is
 * given.
 */
export function beginningOf(procedure: Phase, { condition, issue, reason, customer, retype }: BeginRequest): Beginning {
  const given = reason?.trim() ?? ''
  const because = given === '' ? ' --reason TEXT' : ''
  const known = Object.entries(procedure.conditions ?? {})
  const list = known.map(([id, means]) => `\n  ${id}: ${means}`).join('')
  if (condition === undefined && known.length > 0) {
    throw new OnboardError(
      'usage', 'condition-missing', `Under which condition? What the ${procedure.id} does depends on it:${list}`,
      { suggestions: known.map(([id]) => `${retype} --condition ${id}${because}`) },
    )
  }
  if (condition !== undefined && !known.some(([id]) => id === condition)) {
    const near = nearest(condition, known.map(([id]) => id)) ?? known[0]?.[0]
    const said = known.length === 0
      ? `the ${procedure.id} of this runbook knows no conditions`
      : `the conditions are:${list}`
    throw new OnboardError('usage', 'unknown-condition', `There is no condition '${condition}': ${said}`, {
      suggestions: [`${retype}${near === undefined ? '' : ` --condition ${near}`}${because}`],
    })
  }
  if (given === '') {
    const under = condition === undefined ? '' : ` --condition ${condition}`
    throw new OnboardError(
      'usage', 'reason-missing',
      `A ${procedure.id} needs a reason: it stands in the journal and in what the customer is told.`,
      { suggestions: [`${retype}${under} --reason TEXT`] },
    )
  }
  // It enters the chain, which nothing can be erased from.
  if (issue !== undefined && !/^[A-Za-z0-9#][A-Za-z0-9._#/-]{0,39}$/.test(issue)) {
    throw new OnboardError(
      'usage', 'issue-unnamed',
      `--issue takes the number or the name of an issue, not '${issue}': what happened is said by --reason.`,
      { suggestions: [`onboard issue list ${customer}`] },
    )
  }
  return { procedure: procedure.id, condition: condition ?? null, issue: issue ?? null, reason: given }
}

/** What the procedure would do once it has begun; one that is under way is planned as it is. Nothing is written. */
export async function planProcedure(work: Work, beginning: Beginning): Promise<Plan> {
  return plan(supposing(work, beginning), { phase: beginning.procedure, step: null })
}

/** The procedure that is under way, if one is. */
export async function underWay(work: Work): Promise<Occurrence | undefined> {
  return work.reading(async (_read, { entries }) => occurrencesOf(entries).find(({ closed }) => !closed))
}

/** Says that a procedure is under way where something else was to be begun. */
export function isUnderWay(customer: string, one: Occurrence): OnboardError {
  const under = one.condition === null ? '' : ` (${one.condition})`
  return new OnboardError(
    'conflict', 'under-way',
    `${nameOf(one)} of ${customer} is under way since ${one.began}${under}: ${one.reason ?? '(erased)'}`,
    { suggestions: [`onboard apply ${customer}`, `onboard status ${customer}`] },
  )
}

/** Where the procedure would take something back, and nothing stands that it could: that nothing. Else null. */
export async function nothingToTakeBack(work: Work, procedure: Phase): Promise<UndoPlan | null> {
  const step = procedure.steps.find(({ uses }) => uses === UNDO)
  const to = step?.with['to'] ?? null
  const isExpression = typeof to === 'string' && to.includes('${{')
  if (step === undefined || step.with['only'] !== undefined || isExpression) return null
  const planned = await planUndo(work, targetOf(work.runbook, typeof to === 'string' ? to : null))
  return planned.steps.length === 0 ? planned : null
}
