/** What there is of documents, and whether it is still what was stored. */
import type { Sql } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import { canonical, sha256 } from '../digest.ts'
import type { Source } from './store.ts'
import type { JsonObject } from '../model.ts'

export interface Listed {
  readonly name: string
  readonly version: number
  readonly title: string
  readonly media_type: string
  readonly digest: string
  readonly size: number
  readonly template: string
  /** ISO 8601 instant. */
  readonly rendered_at: string
  /** true: the step that wrote it was undone. */
  readonly withdrawn: boolean
}

/** Whether a source is still what the document was made from; null where that cannot be seen any more. */
export type Checked = Source & { readonly holds: boolean | null; readonly says: string }

export interface Inspected extends Listed {
  readonly text: string
  readonly data: JsonObject
  readonly facts: JsonObject
  readonly sources: readonly Checked[]
  /** true: its bytes and its data are the very ones that were stored. */
  readonly intact: boolean
}

/** Digest of the template at a path as an onboarding has it now; null where it has none. */
type DigestOf = (path: string) => Promise<string | null>

const COLUMNS = `name, version, title, media_type, digest, size, template, withdrawn_at IS NOT NULL AS withdrawn,
  to_char(rendered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS rendered_at`

/** Documents of an onboarding: of each the version that holds, or all of them. */
export async function listDocuments(sql: Sql, onboarding: string, all: boolean): Promise<Listed[]> {
  const rows = await sql.many<Listed>(
    `SELECT ${COLUMNS} FROM onboard.document WHERE onboarding = $1::uuid ORDER BY name, version`, [onboarding],
  )
  if (all) return rows
  const held = rows.filter(({ withdrawn }) => !withdrawn)
  return held.filter(({ name, version }) => !held.some((other) => other.name === name && other.version > version))
}

/**
 * One document, with everything that it was made from looked at again.
 * @param digestOf digest of the template that an onboarding has now, by its path
 * @throws OnboardError (usage) where there is none of that name and version
 */
export async function inspectDocument(
  sql: Sql, { id, key }: { readonly id: string; readonly key: string }, name: string,
  version: number | null, digestOf: DigestOf,
): Promise<Inspected> {
  const row = await sql.one<Listed & { bytes: Buffer; data: string; facts: JsonObject; sources: Source[] }>(
    `SELECT d.*, e.bytes FROM (SELECT ${COLUMNS}, data, facts, sources FROM onboard.document
      WHERE onboarding = $1::uuid AND name = $2 AND (version = $3::int OR ($3::int IS NULL AND withdrawn_at IS NULL))
      ORDER BY version DESC LIMIT 1) d JOIN onboard.evidence e ON e.digest = d.digest`,
    [id, name, version],
  )
  if (row === undefined) {
    const known = [...new Set((await listDocuments(sql, id, true)).map((one) => one.name))]
    const has = known.length === 0 ? 'no documents yet' : `the documents ${known.join(', ')}`
    throw new OnboardError(
      'usage', 'no-such-document',
      `${key} has no document '${name}'${version === null ? '' : ` with version ${version}`}; it has ${has}`,
      { suggestions: [`onboard document list ${key} --all`] },
    )
  }
  const { bytes, data: stored, sources, ...listed } = row
  const checked: Checked[] = []
  for (const source of sources) checked.push(await checkSource(sql, id, source, stored, digestOf))
  const intact = sha256(bytes) === listed.digest && checked.find(({ kind }) => kind === 'data')?.holds !== false
  return {
    ...listed, text: Buffer.from(bytes).toString('utf8'), data: JSON.parse(stored) as JsonObject, sources: checked,
    intact,
  }
}

async function checkSource(sql: Sql, id: string, source: Source, data: string, digestOf: DigestOf): Promise<Checked> {
  const said = (holds: boolean | null, says: string): Checked => ({ ...source, holds, says })
  switch (source.kind) {
    case 'data': {
      const same = sha256(canonical(JSON.parse(data))) === source.digest
      return said(same, same ? 'the data that it was made from' : 'its data was changed since')
    }
    case 'template': {
      const now = await digestOf(source.path)
      return said(
        now === null ? null : now === source.digest,
        now === source.digest ? source.path : `${source.path} is another one now`,
      )
    }
    case 'runbook': {
      const row = await sql.one<{ digest: string }>(
        'SELECT runbook AS digest FROM onboard.onboarding WHERE id = $1::uuid', [id],
      )
      const same = row?.digest === source.digest
      return said(
        same, `runbook ${source.name} ${source.version}${same ? '' : '; the onboarding runs another one now'}`,
      )
    }
    case 'journal': {
      const row = await sql.one<{ hash: string }>(
        `SELECT encode(hash, 'hex') AS hash FROM onboard.journal WHERE chain = $1::uuid AND seq = $2::bigint`,
        [id, source.seq],
      )
      const same = source.seq === 0 || row?.hash === source.hash
      return said(
        same, same ? `journal up to entry ${source.seq}` : `entry ${source.seq} of the journal is another one`,
      )
    }
    default: {
      const row = await sql.one<{ digest: string; last: boolean }>(
        `SELECT digest, version = max(version) OVER () AS last FROM onboard.input
          WHERE onboarding = $1::uuid AND kind = $2 ORDER BY version = $3::int DESC LIMIT 1`,
        [id, source.kind, source.version],
      )
      const same = row?.digest === source.digest
      const then = same ? (row?.last ? '' : '; there is a newer one') : ' is another one now'
      return said(same, `${source.kind} version ${source.version}${then}`)
    }
  }
}
