import type { Client } from 'pg'
import type { JsonObject, Onboarding, Runbook } from '../model.ts'

/** An onboarding with what it runs: the compiled runbook that it pins and the latest version of each input. */
export interface Found {
  readonly onboarding: Onboarding
  readonly runbook: Runbook
  readonly handoff: JsonObject
  readonly discovery: JsonObject | null
}

/** One line of a list of onboardings. */
export interface Listed {
  readonly id: string
  readonly key: string
  readonly company: string
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string }
  /** ISO 8601 instant. */
  readonly opened_at: string
}

interface Row {
  id: string
  slug: string
  name: string
  company: string
  digest: string
  runbook: string
  version: string
  opened_at: string
}

const COLUMNS = `o.id, c.slug, o.name, c.company, r.digest, r.name AS runbook, r.version,
       to_char(o.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS opened_at`
const TABLES = 'onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer JOIN onboard.runbook r ON r.digest = o.runbook'

/** The onboarding that `acme` or `acme/eu` names; undefined where there is none. */
export async function findOnboarding(client: Client, key: string): Promise<Found | undefined> {
  const [slug = '', name = ''] = key.split('/', 2)
  const { rows } = await client.query<Row & { compiled: Runbook; inputs: Record<string, JsonObject> | null }>(
    `SELECT ${COLUMNS}, r.compiled,
            (SELECT jsonb_object_agg(i.kind, i.document) FROM
              (SELECT DISTINCT ON (kind) kind, document FROM onboard.input WHERE onboarding = o.id ORDER BY kind, version DESC) i) AS inputs
       FROM ${TABLES} WHERE c.slug = $1 AND o.name = $2`,
    [slug, name],
  )
  const row = rows[0]
  if (!row) return undefined
  const { key: known, company, runbook, opened_at, id } = listed(row)
  return {
    onboarding: { id, key: known, slug, name, company, runbook, opened_at },
    runbook: row.compiled,
    handoff: row.inputs?.['handoff'] ?? {},
    discovery: row.inputs?.['discovery'] ?? null,
  }
}

/** All onboardings, by key. */
export async function listOnboardings(client: Client): Promise<readonly Listed[]> {
  const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM ${TABLES} ORDER BY c.slug COLLATE "C", o.name COLLATE "C"`)
  return rows.map(listed)
}

function listed(row: Row): Listed {
  return {
    id: row.id,
    key: row.name === '' ? row.slug : `${row.slug}/${row.name}`,
    company: row.company,
    runbook: { name: row.runbook, version: row.version, digest: row.digest },
    opened_at: row.opened_at,
  }
}
