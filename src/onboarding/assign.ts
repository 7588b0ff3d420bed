import { actionOfStep, questionOf } from '../engine/evaluation.ts'
import { keyText } from '../engine/keys.ts'
import type { Head, Work } from '../engine/ports.ts'
import type { Turn } from '../engine/walk.ts'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import type { Person, StepKey } from '../model.ts'
import { assignedOf } from './assigned.ts'
import type { Config } from './config.ts'
import { findStep } from './find-step.ts'
import { contactsOf, sameMail, staffOf, withMail, type Listed } from './people.ts'
import { turnOf } from './sign.ts'

export interface AssignResult {
  readonly onboarding: string
  readonly key: StepKey
  readonly outcome: 'assigned' | 'unassigned' | 'unchanged'
  /** Whose it is now; null: nobody's in particular. */
  readonly to: Person | null
  readonly head: Head | null
}

/**
 * Gives a step to one of the people who may do it, or back to all of them (`email` null). It is for `tasks`; whoever
 * else holds the role may still do it. The same again changes nothing. Throws forbidden where the person holds no such
 * role.
 */
export async function assign(
  work: Work, step: string, email: string | null, config: Pick<Config, 'roles'>,
): Promise<AssignResult> {
  const turn = await turnOf(work, findStep(work.runbook, step, work.onboarding.key))
  const { key } = turn
  const to = email === null ? null : await personFor(work, turn, email, config)
  const before = await work.reading(async (_read, { entries }) => assignedOf(entries).get(keyText(key)) ?? null)
  const result = { onboarding: work.onboarding.key, key, to }
  const isSame = to === null ? before === null : before !== null && sameMail(before.email, to.email)
  if (isSame) return { ...result, outcome: 'unchanged', head: null }
  const head = await work.append({
    kind: 'assigned', key, run: null,
    facts: { assigned: to !== null },
    detail: { to: to === null ? null : { ...to }, recorder: { ...work.actor } },
  })
  return { ...result, outcome: to === null ? 'unassigned' : 'assigned', head }
}

async function personFor(work: Work, turn: Turn, email: string, config: Pick<Config, 'roles'>): Promise<Person> {
  const roles = await rolesFor(work, turn)
  const staff: Listed[] = staffOf(config)
  const customer = contactsOf(work.inputs.handoff).map(({ person }) => ({ role: 'customer', person }))
  const may = [...staff, ...customer].filter(({ role }) => roles.includes(role))
  const [found] = withMail(may, email)
  if (found) return found.person
  const known = [...new Set(may.map(({ person }) => person.email))]
  const near = nearest(email, known) ?? known[0]
  const held = withMail(staff, email).map(({ role }) => role)
  const who = held.length > 0 ? `${email} is ${held.join(', ')}` : `${email} is in no role of onboard.config.yaml`
  const message = `${keyText(turn.key)} is done by ${roles.join(' or ')} (${known.join(', ') || 'nobody yet'}); ${who}`
  const command = near === undefined
    ? `onboard contact list ${work.onboarding.key}`
    : `onboard assign ${work.onboarding.key} ${keyText(turn.key)} --to ${near}`
  throw new OnboardError('forbidden', 'wrong-role', message, { suggestions: [command] })
}

/** Who is asked, where it asks somebody; else who owns it. */
async function rolesFor(work: Work, turn: Turn): Promise<readonly string[]> {
  const action = await actionOfStep(work, turn)
  const owner = turn.step.owner.length > 0 ? turn.step.owner : turn.phase.owner
  if (action.kind !== 'ask') return owner
  const { from } = questionOf(work, turn, action).question
  return from.length > 0 ? from : owner
}
