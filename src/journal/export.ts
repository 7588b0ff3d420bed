import type { Client } from 'pg'
import type { Head } from '../engine/ports.ts'

/** Everything that the database keeps of one onboarding, as files: name → bytes. */
export interface Exported {
  readonly head: Head
  readonly files: ReadonlyMap<string, Uint8Array>
}

const NOTE = `Everything that onboard kept of this onboarding.

journal.jsonl   one entry a line: seq, at, kind, body, hash, and the values beside it with their salts
                hash = sha256(previous hash || seq || LF || body), the first previous hash being 32 zero bytes
inputs/         each version of the handoff and the discovery: as it was given, and as JSON after intake
evidence/       files by their sha256: what people handed in, and documents that were made
runbook.json    the runbook that it ran, with all files
issues.json     issues; also check-ins.json, mail.json, and documents.json: which documents were made, of what
manifest.json   the sha256 of every file here, and the journal's head
`

/** Takes a connection that reads; the files are of one moment. */
export async function exportOnboarding(client: Client, { id }: { readonly id: string }): Promise<Exported> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    const files = new Map<string, Uint8Array>([['READ-ME.txt', Buffer.from(NOTE)]])
    const journal = await client.query<{ line: string }>(
      `SELECT json_build_object('seq', j.seq, 'at', j.at, 'kind', j.kind, 'body', j.body, 'hash', encode(j.hash, 'hex'),
                'detail', (SELECT coalesce(json_agg(json_build_object('name', d.name, 'salt', encode(d.salt, 'hex'),
                             'value', d.value, 'erased_at', d.erased_at) ORDER BY d.name COLLATE "C"), '[]')
                           FROM onboard.journal_detail d WHERE d.chain = j.chain AND d.seq = j.seq))::text AS line
         FROM onboard.journal j WHERE j.chain = $1 ORDER BY j.seq`, [id])
    files.set('journal.jsonl', Buffer.from(journal.rows.map(({ line }) => `${line}\n`).join('')))
    const inputs = await client.query<{ kind: string; version: number; source: Buffer; document: object }>(
      'SELECT kind, version, source, document FROM onboard.input WHERE onboarding = $1 ORDER BY kind, version', [id])
    for (const { kind, version, source, document } of inputs.rows) {
      files.set(`inputs/${kind}-${version}.given`, source)
      files.set(`inputs/${kind}-${version}.json`, json(document))
    }
    const runbook = await client.query(
      `SELECT r.digest, r.name, r.version, r.files
         FROM onboard.onboarding o JOIN onboard.runbook r ON r.digest = o.runbook WHERE o.id = $1`, [id])
    files.set('runbook.json', json(runbook.rows[0] ?? null))
    const issues = await client.query('SELECT * FROM onboard.issue WHERE onboarding = $1 ORDER BY number', [id])
    files.set('issues.json', json(issues.rows))
    const check_ins = await client.query('SELECT * FROM onboard.check_in WHERE onboarding = $1 ORDER BY day', [id])
    files.set('check-ins.json', json(check_ins.rows))
    const mail = await client.query('SELECT * FROM onboard.outbox WHERE onboarding = $1 ORDER BY began_at', [id])
    files.set('mail.json', json(mail.rows))
    const documents = await client.query('SELECT * FROM onboard.document WHERE onboarding = $1 ORDER BY 1, 2, 3', [id])
    files.set('documents.json', json(documents.rows))
    // Evidence is named by its digest, wherever the journal or a document speaks of it.
    const named = new Set([...files.values()].flatMap(digestsIn))
    const evidence = await client.query<{ digest: string; bytes: Buffer }>(
      'SELECT digest, bytes FROM onboard.evidence WHERE digest = ANY ($1)', [[...named]],
    )
    for (const { digest, bytes } of evidence.rows) files.set(`evidence/${digest}`, bytes)
    const head = await client.query<Head>(
      `SELECT seq::int AS seq, encode(hash, 'hex') AS hash FROM onboard.chain WHERE id = $1`, [id],
    )
    return { head: head.rows[0] ?? { seq: 0, hash: '' }, files }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

function digestsIn(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes).toString('utf8').match(/\b[0-9a-f]{64}\b/g) ?? []
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}
