import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import type { Actor } from '../model.ts'
import type { Config } from '../onboarding/config.ts'
import type { Whose } from '../onboarding/tasks.ts'
import { staffNamed } from './signer.ts'

interface Asked {
  readonly mine: boolean
  readonly role: string | undefined
  readonly actor: Actor
  readonly config: Pick<Config, 'roles'>
}

/** Whose tasks were asked for. Throws usage where nobody knows who asks, or where there is no such role. */
export function whoseTasks({ mine, role, actor, config }: Asked): Whose {
  if (mine) {
    if (actor.email === null) {
      const message = `Whose are they? ${actor.name} is not a mail address of the config's roles: `
        + 'set ONBOARD_ACTOR="Name <mail>".'
      throw new OnboardError(
        'usage', 'actor-unknown', message, { suggestions: ['onboard whoami', 'onboard tasks --role ROLE'] },
      )
    }
    const { roles } = staffNamed(actor.email, config, () => 'onboard tasks --role ROLE')
    return { email: actor.email, roles }
  }
  if (role === undefined) return { email: null, roles: null }
  const known = [...Object.keys(config.roles), 'customer']
  if (known.includes(role)) return { email: null, roles: [role] }
  const near = nearest(role, known)
  const hint = near === undefined ? `it has ${known.join(', ')}` : `did you mean ${near}?`
  throw new OnboardError(
    'usage', 'unknown-role', `The config has no role '${role}': ${hint}`,
    { suggestions: [`onboard tasks --role ${near ?? 'customer'}`] },
  )
}
