import type { Client } from 'pg'
import type { JsonObject, Onboarding, Runbook } from '../model.ts'
import { keptRunbooks } from './kept-runbooks.ts'

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
  idempotency: string
  tenant_slug: string
  cancelled_at: string | null
}

const COLUMNS = `o.id, c.slug, o.name, c.company, r.digest, r.name AS runbook, r.version, o.idempotency, o.tenant_slug,
       to_char(o.cancelled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS cancelled_at,
       to_char(o.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS opened_at`
const TABLES = `onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer
       JOIN onboard.runbook r ON r.digest = o.runbook`

/**
 * The onboarding that `acme` or `acme/eu` names; undefined where there is none. `known` keeps runbooks by digest for
 * whoever goes through many onboardings: a pinned runbook never changes.
 */
export async function findOnboarding(
  client: Client, key: string, known: Map<string, Runbook> = keptRunbooks() ?? new Map(),
): Promise<Found | undefined> {
  const [slug = '', name = ''] = key.split('/', 2)
  const { rows } = await client.query<FoundRow>({
    name: 'onboard-find', text: `${FIND} WHERE c.slug = $2 AND o.name = $3`, values: [[...known.keys()], slug, name],
  })
  return rows[0] && foundIn(rows[0], known)
}

/** Those of these ids, as `findOnboarding`. */
export async function findOnboardings(
  client: Client, ids: readonly string[], known: Map<string, Runbook>,
): Promise<readonly Found[]> {
  const { rows } = await client.query<FoundRow>({
    name: 'onboard-find-all', text: `${FIND} WHERE o.id = ANY ($2::uuid[])`, values: [[...known.keys()], ids],
  })
  // One of them brings the runbook, for all that come after.
  return rows.map((row) => foundIn(row, known))
}

type FoundRow = Row & { compiled: Runbook | null; inputs: Record<string, JsonObject> | null }

const FIND = `SELECT ${COLUMNS}, CASE WHEN r.digest = ANY ($1::text[]) THEN NULL ELSE r.compiled END AS compiled,
            (SELECT jsonb_object_agg(i.kind, i.document) FROM
              (SELECT DISTINCT ON (kind) kind, document FROM onboard.input
                WHERE onboarding = o.id ORDER BY kind, version DESC) i) AS inputs
       FROM ${TABLES}`

function foundIn(row: FoundRow, known: Map<string, Runbook>): Found {
  const { slug, name, idempotency, tenant_slug, cancelled_at } = row
  const { key: shown, company, runbook, opened_at, id } = listed(row)
  const compiled = known.get(row.digest) ?? row.compiled
  if (!compiled) throw new Error(`runbook ${row.digest} is neither stored nor known`)
  known.set(row.digest, compiled)
  return {
    onboarding: { id, key: shown, slug, name, idempotency, tenant_slug, cancelled_at, company, runbook, opened_at },
    runbook: compiled,
    handoff: row.inputs?.['handoff'] ?? {},
    discovery: row.inputs?.['discovery'] ?? null,
  }
}

/** All onboardings, by key. */
export async function listOnboardings(client: Client): Promise<readonly Listed[]> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM ${TABLES} ORDER BY c.slug COLLATE "C", o.name COLLATE "C"`,
  )
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
