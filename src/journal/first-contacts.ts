import type { Client } from 'pg'
import type { Json } from '../model.ts'
import { contactsOf } from '../onboarding/people.ts'

/** Name of the first contact by onboarding id, as the latest handoff of each names it. */
export async function firstContacts(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; contacts: Json }>(
    `SELECT DISTINCT ON (onboarding) onboarding AS id, document -> 'contacts' AS contacts
       FROM onboard.input WHERE kind = 'handoff' ORDER BY onboarding, version DESC`)
  return new Map(rows.flatMap(({ id, contacts }) => {
    const [first] = contactsOf({ contacts })
    return first === undefined ? [] : [[id, first.person.name] as const]
  }))
}
