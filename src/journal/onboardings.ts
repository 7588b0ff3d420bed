import { isUtf8 } from 'node:buffer'
import type { Client } from 'pg'
import type { Runbook } from '../model.ts'
import type {
  InputKind, IntakeStore, IntakeTransaction, NewInput, PinnedRunbook, StoredInput,
} from '../onboarding/intake-store.ts'
import { append } from './append.ts'
import type { InputVersion } from './input-version.ts'
import { keptFiles, keptRunbooks } from './kept-runbooks.ts'
import { notFormer, tenantNameFree } from './names.ts'
import { lockRun } from './lock.ts'
import { inTransaction } from './transaction.ts'

/** Customers, onboardings, inputs and pinned runbooks, on a connection of the app role that is in no transaction. */
export function createIntakeStore(client: Client): IntakeStore {
  return { transaction: (work) => inTransaction(client, 'nothing was stored', () => work(transactionOn(client))) }
}

function transactionOn(client: Client): IntakeTransaction {
  const one = async <R extends object>(sql: string, params: readonly unknown[]): Promise<R | undefined> => (
    (await client.query<R>(sql, [...params])).rows[0]
  )
  const sure = async (sql: string, params: readonly unknown[]): Promise<string> => {
    const row = await one<{ id: string }>(sql, params)
    if (row === undefined) throw new Error('a row that was to be made is not there')
    return row.id
  }
  return {
    async claim(slug) {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('onboard accept ' || $1, 0))`, [slug])
    },
    async customer(slug) {
      const found = await one<{ id: string; company: string }>(
        'SELECT id, company FROM onboard.customer WHERE slug = $1', [slug],
      )
      return found ?? notFormer(client, slug)
    },
    async onboarding(customer, name) {
      const row = await one<{ id: string; name: string; version: string; digest: string }>(
        `SELECT o.id, r.name, r.version, r.digest
           FROM onboard.onboarding o JOIN onboard.runbook r ON r.digest = o.runbook
          WHERE o.customer = $1 AND o.name = $2`, [customer, name])
      if (row === undefined) return null
      const { id, ...runbook } = row
      return { id, runbook, inputs: await inputsOf(client, id) }
    },
    async runbook(digest) {
      const known = keptRunbooks()?.get(digest)
      if (known !== undefined) return known
      const row = await one<{ compiled: Runbook }>('SELECT compiled FROM onboard.runbook WHERE digest = $1', [digest])
      if (row === undefined) throw new Error(`runbook ${digest} is not stored`)
      return row.compiled
    },
    createCustomer: (slug, company) => sure(
      'INSERT INTO onboard.customer (slug, company) VALUES ($1, $2) RETURNING id', [slug, company]),
    async open(customer, name, pinned) {
      await pin(client, pinned)
      await tenantNameFree(client, customer, name)
      return sure(
        `INSERT INTO onboard.onboarding (id, customer, name, runbook)
         VALUES (onboard.open_chain(), $1, $2, $3) RETURNING id`,
        [customer, name, pinned.runbook.digest])
    },
    store: (onboarding, kind, input) => storeInput(client, onboarding, kind, input),
    append: (onboarding, entry) => append(client, onboarding, entry),
    lock: (onboarding) => lockRun(client, onboarding),
    inputs: (onboarding) => inputsOf(client, onboarding),
  }
}

/** Stores a version of an input, in the transaction that is open. */
export async function storeInput(
  client: Client, onboarding: string, kind: InputKind,
  { version, document, digest, source }: NewInput,
): Promise<void> {
  await client.query(
    `INSERT INTO onboard.input (onboarding, kind, version, document, digest, source)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [onboarding, kind, version, JSON.stringify(document), digest, Buffer.from(source)])
}

async function inputsOf(client: Client, onboarding: string): Promise<Partial<Record<InputKind, StoredInput>>> {
  const { rows } = await client.query<StoredInput & { readonly kind: InputKind }>(
    `SELECT DISTINCT ON (kind) kind, version, document, digest, encode(sha256(source), 'hex') AS source_digest
       FROM onboard.input WHERE onboarding = $1 ORDER BY kind, version DESC`, [onboarding])
  return Object.fromEntries(rows.map(({ kind, ...input }) => [kind, input]))
}

/** Texts stay readable in the table; what is not UTF-8 is kept as base64. */
export async function pin(client: Client, { runbook, files: { root, files } }: PinnedRunbook): Promise<void> {
  const stored = [...files].map(([path, bytes]) => {
    const text = isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : undefined
    const file = text === undefined || text.includes('\0')
      ? { base64: Buffer.from(bytes).toString('base64') }
      : { text }
    return [path, file] as const
  })
  await client.query(
    `INSERT INTO onboard.runbook (digest, name, version, compiled, files) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (digest) DO NOTHING`,
    [
      runbook.digest, runbook.name, runbook.version, JSON.stringify(runbook),
      JSON.stringify({ root, files: Object.fromEntries(stored) }),
    ])
}

/** The files of a pinned runbook as `pin` stored them, or those below a folder; undefined: the digest is not known. */
export async function pinnedFiles(
  client: Client, digest: string, below = '',
): Promise<PinnedRunbook['files'] | undefined> {
  const known = below === '' ? keptFiles()?.get(digest) : undefined
  if (known !== undefined) return known
  type Stored = { root: string; files: Record<string, { text: string } | { base64: string }> }
  const { rows } = await client.query<{ files: Stored }>(
    `SELECT jsonb_build_object('root', files->'root', 'files', (SELECT coalesce(jsonb_object_agg(key, value), '{}')
              FROM jsonb_each(files->'files') WHERE starts_with(key, $2))) AS files
       FROM onboard.runbook WHERE digest = $1`, [digest, below])
  const stored = rows[0]?.files
  if (stored === undefined) return undefined
  const files = Object.entries(stored.files).map(([path, file]) => (
    [path, 'text' in file ? Buffer.from(file.text) : Buffer.from(file.base64, 'base64')] as const
  ))
  const pinned = { root: stored.root, files: new Map(files) }
  if (below === '') keptFiles()?.set(digest, pinned)
  return pinned
}

/** The bytes of an input as they were given, with what was made of them; null where there is none. */
export async function inputSource(
  client: Client, onboarding: string, kind: InputKind,
): Promise<Omit<InputVersion, 'document'> | null> {
  const { rows } = await client.query<Omit<InputVersion, 'document'>>(
    `SELECT source, version, digest, to_char(given_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS given_at
       FROM onboard.input WHERE onboarding = $1 AND kind = $2 ORDER BY version DESC LIMIT 1`, [onboarding, kind])
  return rows[0] ?? null
}
