import type pg from 'pg'
import { literal } from '../../src/database/client.ts'

export interface Crowd {
  /** Slugs are the prefix and a number from 1 on, five digits. */
  readonly prefix: string
  /** How many there are to be with this prefix. */
  readonly count: number
  /**
   * A phase: the copies have not come to it yet, nor have a tenant.
   * Else they lack the word that is bound to its user.
   */
  readonly until?: string
  /** Slug of the onboarding that is copied; default: the example customer's. */
  readonly model?: string
}

/**
 * Copies the example customer's onboarding, with its inputs and journal, and its tenant where it has one by then.
 * Written past `onboard.append`, which would take minutes; the copies' hashes are the model's and do not verify.
 * @param client superuser in the example's database
 */
export async function crowd(client: pg.Client, { prefix, count, until, model = 'acme' }: Crowd): Promise<void> {
  const { rows } = await client.query<{ have: number }>(
    `SELECT count(*)::int AS have FROM onboard.customer WHERE slug ~ ('^' || $1 || '[0-9]{5}$')`, [prefix])
  const have = rows[0]?.have ?? 0
  if (have >= count) return
  await client.query('BEGIN; SET LOCAL session_replication_role = replica')
  await client.query(
    `CREATE TEMP TABLE copy ON COMMIT DROP AS
     SELECT $1::text || lpad(g::text, 5, '0') AS slug,
            gen_random_uuid() AS chain, gen_random_uuid() AS customer, gen_random_uuid() AS tenant
       FROM generate_series($2::int, $3::int) g`, [prefix, have + 1, count])
  await client.query(
    `CREATE TEMP TABLE told ON COMMIT DROP AS
     SELECT j.* FROM ${modelOf(model)} m JOIN onboard.journal j ON j.chain = m.id
      WHERE j.step IS DISTINCT FROM $2 AND j.phase IS DISTINCT FROM $1`,
    [until ?? null, model === 'acme' ? 'first_login' : null])
  const statements = [...copiesOf(model), ...(until === undefined ? comeTo(model) : [])]
  for (const statement of statements) await client.query(statement)
  await client.query('COMMIT')
  if (model === 'acme') await client.query('VACUUM ANALYZE')
}

const modelOf = (slug: string): string => `(
  SELECT o.id, o.runbook, o.opened_at, c.company, c.created_at
    FROM onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer WHERE c.slug = ${literal(slug)})`

/** Users, connections and the like of the model's tenant, as `t`, beside each copy. */
const ofTenant = (model: string): string => `tenants t ON t.id = s.tenant_id AND t.slug = ${literal(model)}, copy y`

const copiesOf = (model: string): readonly string[] => [
  `INSERT INTO onboard.chain
   SELECT y.chain, h.seq, h.hash FROM ${modelOf(model)} m JOIN onboard.chain h ON h.id = m.id, copy y`,
  `INSERT INTO onboard.customer (id, slug, company, created_at)
   SELECT y.customer, y.slug, m.company, m.created_at FROM ${modelOf(model)} m, copy y`,
  `INSERT INTO onboard.onboarding (id, customer, runbook, opened_at, idempotency, tenant_slug)
   SELECT y.chain, y.customer, m.runbook, m.opened_at, y.slug, y.slug FROM ${modelOf(model)} m, copy y`,
  `INSERT INTO onboard.input
   SELECT y.chain, i.kind, i.version, i.document, i.digest, i.source, i.given_at
     FROM ${modelOf(model)} m JOIN onboard.input i ON i.onboarding = m.id, copy y`,
  `INSERT INTO onboard.journal SELECT y.chain, j.seq, j.at, j.kind, j.phase, j.step, j.instance, j.run, j.body, j.hash
     FROM told j, copy y`,
  `INSERT INTO onboard.journal_detail
   SELECT y.chain, d.seq, d.name, d.salt, replace(d.value, '"${model}"', '"' || y.slug || '"'), d.erased_at
     FROM told j JOIN onboard.journal_detail d ON d.chain = j.chain AND d.seq = j.seq, copy y`,
]

/** What has an id of its own is given another. */
const ownId = (table: string): string => (table === 'sso_keys' ? ", 'id', gen_random_uuid()" : '')

/** What the model has written and sent, and its tenant. */
const comeTo = (model: string): readonly string[] => [
  ...['document', 'check_in'].map((table) => `INSERT INTO onboard.${table}
   SELECT (jsonb_populate_record(d, jsonb_build_object('onboarding', y.chain))).*
     FROM ${modelOf(model)} m JOIN onboard.${table} d ON d.onboarding = m.id, copy y`),
  `INSERT INTO onboard.outbox
   SELECT (jsonb_populate_record(b, jsonb_build_object(
            'onboarding', y.chain, 'message_id', y.slug || b.message_id))).*
     FROM ${modelOf(model)} m JOIN onboard.outbox b ON b.onboarding = m.id, copy y`,
  `INSERT INTO tenants (id, name, slug, plan, status, settings, first_live_at, created_at)
   SELECT y.tenant, t.name, y.slug, t.plan, t.status, t.settings, t.first_live_at, t.created_at
     FROM tenants t, copy y WHERE t.slug = ${literal(model)}`,
  `INSERT INTO users (email, password_hash, full_name, role, tenant_id, active, must_change_password,
                      password_expires_at, set_password_token_hash, set_password_expires_at, created_at, break_glass)
   SELECT s.email, s.password_hash, s.full_name, s.role, y.tenant, s.active, s.must_change_password,
          s.password_expires_at, s.set_password_token_hash || y.slug, s.set_password_expires_at, s.created_at,
          s.break_glass
     FROM users s JOIN ${ofTenant(model)}`,
  ...['scim_mappings', 'sso_keys'].map((table) => `INSERT INTO ${table}
   SELECT (jsonb_populate_record(s, jsonb_build_object('tenant_id', y.tenant${ownId(table)}))).*
     FROM ${table} s JOIN ${ofTenant(model)}`),
  `INSERT INTO scim_tokens
   SELECT (jsonb_populate_record(s, jsonb_build_object(
            'tenant_id', y.tenant, 'id', gen_random_uuid(),
            'token_hash', encode(sha256(convert_to(s.token_hash || y.slug, 'UTF8')), 'hex')))).*
     FROM scim_tokens s JOIN ${ofTenant(model)}`,
  `INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping, client_secret,
                                client_secret_mark, created_at, updated_at)
   SELECT y.tenant, s.name, s.protocol, s.enabled, s.settings, s.mapping, s.client_secret, s.client_secret_mark,
          s.created_at, s.updated_at
     FROM sso_connections s JOIN ${ofTenant(model)}`,
]
