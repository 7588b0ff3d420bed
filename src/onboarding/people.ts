import type { Json, JsonObject, Person } from '../model.ts'
import type { Config } from './config.ts'

/** A person with the name under which the handoff or the config lists them. */
export interface Listed {
  readonly role: string
  readonly person: Person
}

/** The customer's people, in the order of the handoff: each contact, and each of a list of them. */
export function contactsOf(handoff: JsonObject): Listed[] {
  const contacts = (handoff['contacts'] ?? {}) as JsonObject
  return Object.entries(contacts).flatMap(([role, value]) => people(value).map((person) => ({ role, person })))
}

/** The vendor's people by role of the config. */
export function staffOf(config: Pick<Config, 'roles'>): Listed[] {
  return Object.entries(config.roles).flatMap(([role, people]) => people.map((person) => ({ role, person })))
}

/** Those of them with this mail address; capitals do not matter. */
export function withMail(listed: readonly Listed[], email: string): Listed[] {
  return listed.filter(({ person }) => sameMail(person.email, email))
}

export function sameMail(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function people(value: Json | undefined): Person[] {
  if (Array.isArray(value)) return value.flatMap(people)
  if (value === null || typeof value !== 'object') return []
  const { name, email, phone } = value as JsonObject
  if (typeof name !== 'string' || typeof email !== 'string') return []
  return [{ name, email, ...(typeof phone === 'string' ? { phone } : {}) }]
}
