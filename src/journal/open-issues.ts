import type { Client } from 'pg'
import type { Issue } from '../onboarding/issue-store.ts'
import { readIssues } from './issues.ts'

/** Issues by onboarding id, of those onboardings that have one open, or something still to be done about one. */
export async function openIssues(client: Client): Promise<ReadonlyMap<string, readonly Issue[]>> {
  const { rows } = await client.query<{ onboarding: string }>(
    `SELECT DISTINCT onboarding FROM onboard.issue WHERE status = 'open' OR actions @> '[{"status": "open"}]'`)
  const found = new Map<string, readonly Issue[]>()
  for (const { onboarding } of rows) found.set(onboarding, await readIssues(client, onboarding))
  return found
}
