import type { Effect, Reader } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import type { Change, Json } from '../model.ts'
import { keyText } from './keys.ts'
import type { Work } from './ports.ts'
import type { Turn } from './walk.ts'

/**
 * Refuses to take over what somebody else made: what a step finds before its first time is first adopted, as it is.
 * An effect and its entry are one transaction, so that a run that goes on after a crash knows its own.
 * @throws OnboardError (conflict, `not-adopted`)
 */
export async function mustBeOurs<Seen>(
  { onboarding: { key } }: Work, turn: Turn, action: Effect<never, Json, Seen, Change>, read: Reader, inputs: never,
  seen: Seen,
): Promise<void> {
  if (turn.record?.done) return
  const found = (await action.foreign?.(read, inputs, seen)) ?? null
  if (found === null) return
  const [customer = ''] = key.split('/')
  const message = [
    `${found} is in the product already, and ${key} has neither made nor adopted it: it was left as it is.`,
    `If it is this customer's, adopt it (${keyText(turn.key)}: found); if it is another's, rename the customer.`,
  ].join(' ')
  throw new OnboardError('conflict', 'not-adopted', message, {
    suggestions: [`onboard adopt ${key} --from FILE`, `onboard rename ${customer} NEW-SLUG`],
  })
}
