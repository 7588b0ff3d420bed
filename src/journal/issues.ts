import type { Client } from 'pg'
import type { Issue, IssueStore } from '../onboarding/issue-store.ts'
import { append } from './append.ts'
import { inTransaction } from './transaction.ts'

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`
export const ISSUE_COLUMNS = `number, title, severity, category, owner, status, resolution, actions,
  to_char(opened_at AT TIME ZONE 'UTC', ${INSTANT}) AS opened_at,
  to_char(clock_from AT TIME ZONE 'UTC', ${INSTANT}) AS clock_from,
  to_char(resolved_at AT TIME ZONE 'UTC', ${INSTANT}) AS resolved_at`

/** The issues of an onboarding ($1), by number. */
export const ISSUES_OF = `SELECT ${ISSUE_COLUMNS} FROM onboard.issue WHERE onboarding = $1 ORDER BY number`

/** The issues of an onboarding, by number. */
export async function readIssues(client: Client, onboarding: string): Promise<readonly Issue[]> {
  return (await client.query<Issue>(ISSUES_OF, [onboarding])).rows
}

/** Issues on a connection of the app role that is in no transaction. */
export function createIssueStore(client: Client, onboarding: string): IssueStore {
  return {
    transaction: (work) => inTransaction(client, 'the issue is as it was', async () => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('onboard issues ' || $1, 0))`, [onboarding])
      const { rows } = await client.query<{ now: string }>(
        `SELECT to_char(onboard.now() AT TIME ZONE 'UTC', ${INSTANT}) AS now`,
      )
      return work({
        now: rows[0]?.now ?? '',
        all: () => readIssues(client, onboarding),
        put: (issue) => put(client, onboarding, issue),
        append: (entry) => append(client, onboarding, entry),
      })
    }),
  }
}

async function put(client: Client, onboarding: string, issue: Issue): Promise<void> {
  await client.query(
    `INSERT INTO onboard.issue
       (onboarding, number, title, severity, category, owner, status, resolution, actions,
        opened_at, clock_from, resolved_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (onboarding, number) DO UPDATE
       SET title = excluded.title, severity = excluded.severity, category = excluded.category,
           owner = excluded.owner, status = excluded.status, resolution = excluded.resolution,
           actions = excluded.actions, clock_from = excluded.clock_from, resolved_at = excluded.resolved_at`,
    [
      onboarding, issue.number, issue.title, issue.severity, issue.category, issue.owner, issue.status,
      issue.resolution, JSON.stringify(issue.actions), issue.opened_at, issue.clock_from, issue.resolved_at,
    ])
}
