/** The documents of an onboarding, as the database keeps them: a version is written once. */
import type { Reader, Sql, Writer } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import type { JsonObject } from '../model.ts'
import { canonical, sha256 } from '../digest.ts'

/** What a document was made from: by its digest it can be seen later whether that is still the same. */
export type Source =
  | { readonly kind: 'template'; readonly path: string; readonly digest: string }
  | { readonly kind: 'data'; readonly digest: string }
  | { readonly kind: 'handoff' | 'discovery'; readonly version: number; readonly digest: string }
  | { readonly kind: 'runbook'; readonly name: string; readonly version: string; readonly digest: string }
  | { readonly kind: 'journal'; readonly seq: number; readonly hash: string }

/** What a person or a step sees of a document. */
export type Current = {
  readonly name: string
  readonly version: number
  readonly title: string
  readonly media_type: string
  readonly digest: string
  readonly size: number
  /** Digest of template and data: the same again is the same document. */
  readonly made_from: string
}

const CURRENT = 'name, version, title, media_type, digest, size, made_from'

/** The version that holds: the latest that was not withdrawn; null where there is none. */
export async function currentDocument(sql: Sql, onboarding: string, name: string): Promise<Current | null> {
  const row = await sql.one<Current>(
    `SELECT ${CURRENT} FROM onboard.document
      WHERE onboarding = $1::uuid AND name = $2 AND withdrawn_at IS NULL ORDER BY version DESC LIMIT 1`,
    [onboarding, name],
  )
  return row ?? null
}

/** Its very bytes; what was changed behind the database's back is refused. */
export async function bytesOf(
  sql: Sql, { name, digest }: { readonly name: string; readonly digest: string },
): Promise<Uint8Array> {
  const row = await sql.one<{ bytes: Buffer }>('SELECT bytes FROM onboard.evidence WHERE digest = $1', [digest])
  if (row !== undefined && sha256(row.bytes) === digest) return row.bytes
  throw new OnboardError(
    'verification', 'document-changed',
    `the document ${name} is not the one that was stored: its bytes are ${row === undefined ? 'gone' : 'others'}`,
  )
}

/** What `document` and the sources say of an onboarding at this moment. */
export interface Around {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string
  readonly now: string
  readonly runbook: string
  readonly journal: string
  readonly sources: readonly Source[]
}

export async function around(read: Reader): Promise<Around> {
  const { id } = read.onboarding
  const row = await read.one<{ now: string; seq: number; hash: string; name: string; version: string; digest: string }>(
    `SELECT to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now,
            c.seq::int AS seq, encode(c.hash, 'hex') AS hash, r.name, r.version, r.digest
       FROM onboard.onboarding o JOIN onboard.chain c ON c.id = o.id JOIN onboard.runbook r ON r.digest = o.runbook
      WHERE o.id = $1::uuid`,
    [id],
  )
  if (row === undefined) {
    throw new OnboardError('bug', 'no-onboarding', `there is no onboarding ${id} to make a document for`)
  }
  const inputs = await read.many<{ kind: 'handoff' | 'discovery'; version: number; digest: string }>(
    `SELECT DISTINCT ON (kind) kind, version, digest FROM onboard.input
      WHERE onboarding = $1::uuid ORDER BY kind, version DESC`,
    [id],
  )
  const { now, seq, hash, name, version, digest } = row
  return {
    now, date: now.slice(0, 10), runbook: `${name} ${version}`, journal: `entry ${seq}, ${hash.slice(0, 12)}`,
    sources: [...inputs, { kind: 'runbook', name, version, digest }, { kind: 'journal', seq, hash }],
  }
}

/** What is stored of a document besides its bytes. */
export interface Made {
  readonly name: string
  readonly title: string
  readonly media_type: string
  readonly made_from: string
  /** Name of the template, or of the action that wrote it. */
  readonly template: string
  readonly data: JsonObject
  /** What the template was told of the document itself. */
  readonly facts: JsonObject
  readonly sources: readonly Source[]
}

/** Number of the version that would be written next; withdrawn ones keep theirs. */
export async function nextVersion(sql: Sql, onboarding: string, name: string): Promise<number> {
  const row = await sql.one<{ next: number }>(
    'SELECT coalesce(max(version), 0) + 1 AS next FROM onboard.document WHERE onboarding = $1::uuid AND name = $2',
    [onboarding, name],
  )
  return row?.next ?? 1
}

/** Writes a version, and its bytes as evidence. */
export async function store(write: Writer, version: number, bytes: Uint8Array, made: Made): Promise<void> {
  const digest = sha256(bytes)
  await write.run(
    'INSERT INTO onboard.evidence (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING', [digest, Buffer.from(bytes)],
  )
  await write.run(
    `INSERT INTO onboard.document
       (onboarding, name, version, title, media_type, digest, size, made_from, template, data, facts, sources)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      write.onboarding.id, made.name, version, made.title, made.media_type, digest, bytes.length, made.made_from,
      made.template, canonical(made.data), JSON.stringify(made.facts), JSON.stringify(made.sources),
    ],
  )
}

/** Takes a version back: the one before it holds again. Its history stays. */
export async function withdraw(write: Writer, name: string, version: number): Promise<void> {
  const rows = await write.run(
    `UPDATE onboard.document SET withdrawn_at = onboard.now()
      WHERE onboarding = $1 AND name = $2 AND version = $3 AND withdrawn_at IS NULL`,
    [write.onboarding.id, name, version],
  )
  if (rows !== 1) {
    throw new OnboardError(
      'conflict', 'document-moved', `version ${version} of the document ${name} was withdrawn by somebody else`,
    )
  }
}
