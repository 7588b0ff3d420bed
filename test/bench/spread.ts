import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { addDays } from '../../src/dates.ts'
import { crowd } from './crowd.ts'

/** Days between two that are alike. */
const APART = 3

/**
 * Onboardings that began on many days: the example customer's, so many days later, each with what had happened by now.
 * What was said about dates is not about theirs, and is asked again.
 * @param client superuser in the example's database; `count`: so many in all
 */
export async function spread(client: pg.Client, count: number): Promise<void> {
  const { rows } = await client.query<{ days: number }>(
    `SELECT (onboard.now()::date - min(j.at)::date)::int AS days FROM onboard.journal j WHERE j.chain = (${ACME})`)
  const variants = Math.floor((rows[0]?.days ?? 0) / APART)
  for (let variant = 1; variant <= variants; variant++) {
    const slug = `v${String(variant).padStart(2, '0')}`
    await beganLater(client, slug, variant * APART)
    await crowd(client, { prefix: `${slug}x`, count: Math.floor(count / variants) - 1, model: slug })
  }
  await client.query('VACUUM ANALYZE')
}

const ACME = `SELECT o.id FROM onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer WHERE c.slug = 'acme'`

/** The same onboarding under another slug, as if it had begun so many days later. */
async function beganLater(client: pg.Client, slug: string, days: number): Promise<void> {
  const later = (text: string): string => text.replaceAll(/\b20\d\d-\d\d-\d\d/g, (date) => addDays(date, days))
  const [customer, chain] = [randomUUID(), randomUUID()]
  const { rows } = await client.query<{ seq: string; at: string; body: string }>(
    `SELECT seq, at::text AS at, body FROM onboard.journal j WHERE chain = (${ACME}) ORDER BY seq`)
  const inputs = await client.query<{ kind: string; document: object }>(
    `SELECT kind, document FROM onboard.input WHERE onboarding = (${ACME})`)
  await client.query('BEGIN; SET LOCAL session_replication_role = replica')
  await client.query(
    `INSERT INTO onboard.chain SELECT $1, h.seq, h.hash FROM onboard.chain h WHERE h.id = (${ACME})`, [chain])
  await client.query(`INSERT INTO onboard.customer (id, slug, company) VALUES ($1, $2, $2)`, [customer, slug])
  await client.query(
    `INSERT INTO onboard.onboarding (id, customer, runbook, opened_at, idempotency, tenant_slug)
     SELECT $1, $2, runbook, opened_at + $4::int * interval '1 day', $3, $3
       FROM onboard.onboarding WHERE id = (${ACME})`, [chain, customer, slug, days])
  await client.query(
    `INSERT INTO onboard.input SELECT $1, kind, version, document, digest, source, given_at
       FROM onboard.input WHERE onboarding = (${ACME})`, [chain])
  for (const { kind, document } of inputs.rows) {
    const statement = 'UPDATE onboard.input SET document = $3 WHERE onboarding = $1 AND kind = $2'
    await client.query(statement, [chain, kind, later(JSON.stringify(document))])
  }
  const bodies = JSON.stringify(rows.map(({ seq, at, body }) => ({ seq, at: later(at), body: later(body) })))
  await client.query(
    `INSERT INTO onboard.journal
     SELECT $1, j.seq, v.at, j.kind, j.phase, j.step, j.instance, j.run, v.body, j.hash
       FROM onboard.journal j JOIN jsonb_to_recordset($2::jsonb) AS v(seq bigint, at timestamptz, body text) USING (seq)
      WHERE j.chain = (${ACME}) AND v.at <= onboard.now()`, [chain, bodies])
  await client.query(
    `INSERT INTO onboard.journal_detail
     SELECT $1, d.seq, d.name, d.salt, replace(d.value, '"acme"', '"' || $2 || '"'), d.erased_at
       FROM onboard.journal_detail d JOIN onboard.journal j ON j.chain = $1 AND j.seq = d.seq
      WHERE d.chain = (${ACME})`, [chain, slug])
  await client.query('COMMIT')
}
