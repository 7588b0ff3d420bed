import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import type { Actor, JsonObject, Person } from '../model.ts'
import type { Config } from '../onboarding/config.ts'
import { contactsOf, sameMail, staffOf, withMail } from '../onboarding/people.ts'

/** A person with the roles in which they may speak. */
export interface Signer {
  readonly person: Person
  readonly roles: readonly string[]
}

interface Given {
  /** --signer: a mail address of the config's roles. */
  readonly signer?: string | undefined
  /** --on-behalf-of: a contact of the handoff by its name there, or by mail address. */
  readonly contact?: string | undefined
  readonly actor: Actor
  readonly config: Config
  readonly handoff: JsonObject
  /** The customer, whose people can be listed. */
  readonly customer: string
  /** The command, to type again with a signer. */
  readonly retype: string
}

/** Whose word it is: a contact of the customer, a person of the config, or who types. Throws usage or forbidden. */
export function signerOf({ signer, contact, actor, config, handoff, customer, retype }: Given): Signer {
  if (contact !== undefined) return { person: contactNamed(contact, handoff, retype), roles: ['customer'] }
  const email = signer ?? actor.email
  if (email === null) {
    const message = `Whose word is it? ${actor.name} is not a mail address of the config's roles.`
    throw new OnboardError('usage', 'signer-missing', message, { suggestions: [`${retype} --signer MAIL`] })
  }
  if (signer === undefined && withMail(staffOf(config), email).length === 0) {
    // Who types for others is nobody's near miss.
    const message = `Whose word is it? ${email}, who types, is in no role of onboard.config.yaml.`
    throw new OnboardError('forbidden', 'unknown-signer', message, { suggestions: [`${retype} --signer MAIL`] })
  }
  return staffNamed(
    email, config, (near) => (near === undefined ? `onboard contact list ${customer}` : `${retype} --signer ${near}`),
  )
}

/** The person of the config with this mail address, with all roles; `again` is what to type where there is none. */
export function staffNamed(
  email: string, config: Pick<Config, 'roles'>, again: (near: string | undefined) => string,
): Signer {
  const staff = staffOf(config)
  const found = withMail(staff, email)
  if (found[0]) return { person: found[0].person, roles: found.map(({ role }) => role) }
  const known = [...new Set(staff.map(({ person }) => person.email))]
  const near = nearest(email, known)
  const named = known.length === 0 ? 'the config names nobody in any role' : `it names ${known.slice(0, 5).join(', ')}`
  const hint = near === undefined ? named : `did you mean ${near}?`
  const message = `${email} is in no role of onboard.config.yaml: ${hint}`
  throw new OnboardError('forbidden', 'unknown-signer', message, { suggestions: [again(near)] })
}

function contactNamed(name: string, handoff: JsonObject, retype: string): Person {
  const all = contactsOf(handoff)
  const found = all.filter(({ role, person }) => role === name || sameMail(person.email, name))
  const [one] = found
  // One person under several names of the handoff is one person still.
  if (one && found.every(({ person }) => sameMail(person.email, one.person.email))) return one.person
  const names = all.map(({ role, person }) => `${role} (${person.email})`).join(', ')
  const said = found.length > 1
    ? `${found.length} contacts are called '${name}': give the mail address.`
    : `The handoff has no contact '${name}'.`
  const suggestions = [`${retype} --on-behalf-of ${(found[0] ?? all[0])?.person.email ?? 'CONTACT'}`]
  throw new OnboardError('usage', 'unknown-contact', `${said} It has ${names}.`, { suggestions })
}
