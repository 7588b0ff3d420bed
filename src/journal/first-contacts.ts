import type { Client } from 'pg'

/** Name of the first contact by onboarding id, as the latest handoff of each names it; in the order of `contactsOf`. */
export async function firstContacts(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; name: string }>(
    `SELECT id, name #>> '{}' AS name FROM (
       SELECT DISTINCT ON (onboarding) onboarding AS id,
              jsonb_path_query_first(document,
                '$.contacts.*[*] ? (@.name.type() == "string" && @.email.type() == "string").name') AS name
         FROM onboard.input WHERE kind = 'handoff' ORDER BY onboarding, version DESC) AS latest
      WHERE name IS NOT NULL`)
  return new Map(rows.map(({ id, name }) => [id, name]))
}
