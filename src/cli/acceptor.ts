import { OnboardError } from '../errors.ts'
import type { Actor } from '../model.ts'
import type { Acceptor } from '../onboarding/accept.ts'
import type { Config } from '../onboarding/config.ts'
import { staffOf, withMail } from '../onboarding/people.ts'
import { staffNamed } from './signer.ts'

/** Who may take a handoff on. */
const ROLES = ['engineering', 'engineering-lead']

/**
 * Who takes a handoff on: whom the flag names, or who types, where they are of engineering; null where that is nobody,
 * as in a pipeline. Throws forbidden where the flag names somebody who may not.
 */
export function acceptorOf(
  given: string | undefined, actor: Actor, config: Pick<Config, 'roles'>, retype: string,
): Acceptor | null {
  const email = given ?? actor.email
  if (email === null) return null
  const [mine] = withMail(staffOf(config).filter(({ role }) => ROLES.includes(role)), email)
  if (mine) return mine
  if (given === undefined) return null
  const { roles } = staffNamed(given, config, (near) => `${retype} --accepted-by ${near ?? 'MAIL'}`)
  const may = [...new Set(staffOf(config).filter(({ role }) => ROLES.includes(role)).map(({ person }) => person.email))]
  const message = `a handoff is accepted by ${ROLES.join(' or ')} (${may.join(', ') || 'nobody yet'}); `
    + `${given} is ${roles.join(', ')}`
  throw new OnboardError('forbidden', 'wrong-role', message, {
    suggestions: [`${retype} --accepted-by ${may[0] ?? 'MAIL'}`],
  })
}
