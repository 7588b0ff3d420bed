import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import type { Actor, Json, JsonObject, Person } from '../model.ts'
import type { Config } from '../onboarding/config.ts'

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
  /** The command, to type again with a signer. */
  readonly retype: string
}

/** Whose word it is: a contact of the customer, a person of the config, or who types. Throws usage or invalid. */
export function signerOf({ signer, contact, actor, config, handoff, retype }: Given): Signer {
  if (contact !== undefined) return { person: contactNamed(contact, handoff, retype), roles: ['customer'] }
  const email = signer ?? actor.email
  if (email === null || email === undefined) {
    throw new OnboardError('usage', 'signer-missing', `Whose word is it? ${actor.name} is not a mail address of the config's roles.`, { suggestions: [`${retype} --signer MAIL`] })
  }
  const roles = Object.entries(config.roles).filter(([, people]) => people.some((one) => same(one.email, email)))
  const person = roles.flatMap(([, people]) => people).find((one) => same(one.email, email))
  if (person) return { person, roles: roles.map(([role]) => role) }
  const known = [...new Set(Object.values(config.roles).flatMap((people) => people.map((one) => one.email)))]
  const near = nearest(email, known)
  const hint = near === undefined ? (known.length === 0 ? 'the config names nobody in any role' : `it names ${known.slice(0, 5).join(', ')}`) : `did you mean ${near}?`
  throw new OnboardError('forbidden', 'unknown-signer', `${email} is in no role of onboard.config.yaml: ${hint}`, { suggestions: [near === undefined ? 'onboard init' : `${retype} --signer ${near}`] })
}

function contactNamed(name: string, handoff: JsonObject, retype: string): Person {
  const contacts = (handoff['contacts'] ?? {}) as JsonObject
  const all = Object.entries(contacts).flatMap(([role, value]) => people(value).map((person) => ({ role, person })))
  const found = all.filter(({ role, person }) => role === name || same(person.email, name))
  const [one] = found
  if (one && found.length === 1) return one.person
  const names = all.map(({ role, person }) => `${role} (${person.email})`).join(', ')
  const said = found.length > 1 ? `${found.length} contacts are called '${name}': give the mail address.` : `The handoff has no contact '${name}'.`
  throw new OnboardError('usage', 'unknown-contact', `${said} It has ${names}.`, { suggestions: [`${retype} --on-behalf-of ${all[0]?.role ?? 'CONTACT'}`] })
}

function people(value: Json | undefined): Person[] {
  if (Array.isArray(value)) return value.flatMap(people)
  if (value === null || typeof value !== 'object') return []
  const { name, email, phone } = value as JsonObject
  if (typeof name !== 'string' || typeof email !== 'string') return []
  return [{ name, email, ...(typeof phone === 'string' ? { phone } : {}) }]
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
