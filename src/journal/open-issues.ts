import type { Client } from 'pg'
import type { Issue } from '../onboarding/issue-store.ts'
import { ISSUE_COLUMNS } from './issues.ts'

/** Issues by onboarding id, of those onboardings that have one open, or something still to be done about one. */
export async function openIssues(client: Client): Promise<ReadonlyMap<string, readonly Issue[]>> {
  const { rows } = await client.query<Issue & { onboarding: string }>(
    `SELECT onboarding, ${ISSUE_COLUMNS} FROM onboard.issue
      WHERE onboarding IN (
        SELECT onboarding FROM onboard.issue WHERE status = 'open' OR actions @> '[{"status": "open"}]')
      ORDER BY onboarding, number`)
  return Map.groupBy(rows, ({ onboarding }) => onboarding)
}
