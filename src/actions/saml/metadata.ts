import { randomUUID, X509Certificate } from 'node:crypto'
import { defineAction, type Reader, type Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { keyPlace, newKey } from '../../identity/saml/keys.ts'
import { spUrls } from '../../identity/saml/urls.ts'
import type { Change } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { NAMED, tables } from '../sso/_connection.ts'

interface Seen {
  readonly tenant: string | null
  /** The key that signs now; null: there is none. */
  readonly key: { readonly id: string; readonly certificate: string; readonly expires_at: string } | null
}

interface KeyChange extends Change {
  readonly slug: string
  readonly tenant: string | null
}

async function look(read: Reader, slug: string): Promise<Seen> {
  const { keys } = tables(read)
  const tenant = await read.product.tenants.find(read, { slug }, {})
  if (tenant === null) return { tenant: null, key: null }
  const key = await read.one<NonNullable<Seen['key']>>(
    `SELECT id::text, certificate,
            to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at
       FROM ${keys}
      WHERE tenant_id = $1::uuid AND retired_at IS NULL ORDER BY created_at DESC, id LIMIT 1`,
    [tenant.key],
  )
  return { tenant: tenant.key, key: key ?? null }
}

/** Our side of SAML: a key of the tenant's own, and the metadata that the gateway makes of it. */
export default defineAction({
  title: 'Makes our key towards the identity provider of a tenant, and says what our SAML metadata says.',
  example: { tenant: 'acme', origin: 'https://app.vendor.example' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'origin'],
    properties: {
      ...NAMED,
      origin: { type: 'string', pattern: '^https?://[^/?#]+/?$', description: 'Where browsers reach the gateway.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['entity_id', 'metadata_url', 'acs', 'slo', 'login', 'certificate', 'fingerprint', 'expires_at'],
    properties: {
      entity_id: { type: 'string', description: 'Our name towards the identity provider.' },
      metadata_url: { type: 'string', description: 'Where it can fetch all of this.' },
      acs: { type: 'string', description: 'Assertion consumer service, HTTP-POST.' },
      slo: { type: 'string', description: 'Single logout.' },
      login: { type: 'string', description: 'Where a login begins.' },
      certificate: { type: 'string', description: 'PEM.' },
      fingerprint: { type: 'string', description: 'SHA-256 of the certificate.' },
      expires_at: { type: 'string', format: 'date-time', description: 'When the certificate expires.' },
    },
  },
  where: 'database',
  owns: ({ tenant }) => [`tenant/${tenant}/sso/key`],

  check: (read, input) => look(read, input.tenant),

  plan(input, { tenant, key }): KeyChange | null {
    if (key !== null) return null
    return {
      target: `SAML key of tenant ${input.tenant}`, slug: input.tenant, tenant, before: null, after: { key: 'made' },
    }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug, write.onboarding.key)
    await write.product.tenants.hold(write, change.tenant)
    const { key } = await look(write, change.slug)
    if (key !== null) throw new OnboardError('conflict', 'moved', `${change.target}: one was made at this moment`)
    await add(write, change.slug, change.tenant, null)
  },

  outputs(input, { key }) {
    const { entity_id, metadata, acs, slo, login } = spUrls(
      input.origin.replace(/\/$/, ''), input.tenant, input.connection,
    )
    return {
      entity_id,
      metadata_url: metadata,
      acs,
      slo,
      login,
      certificate: key?.certificate ?? '',
      expires_at: key?.expires_at ?? '',
      fingerprint: key === null ? '' : new X509Certificate(key.certificate).fingerprint256,
    }
  },

  async undo(write, _change, after) {
    // There was none before: all that a rotation has added since goes with it.
    if (after.tenant !== null) {
      await write.run(`DELETE FROM ${tables(write).keys} WHERE tenant_id = $1::uuid`, [after.tenant])
    }
  },

  async reissue(write, input, seen) {
    if (seen.tenant === null) throw noTenant(input.tenant)
    await add(write, input.tenant, seen.tenant, seen.key?.id ?? null)
  },
})

/**
 * Makes a key. One beside another is as if it were older: it is published, and decrypts, but does not sign until the
 * other is retired; so an identity provider knows it before it counts.
 */
async function add(write: Writer, slug: string, tenant: string, beside: string | null): Promise<void> {
  const { keys } = tables(write)
  const now = await write.one<{ now: string }>(
    `SELECT to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now`,
  )
  const made = await newKey(slug, now?.now ?? '')
  const id = randomUUID()
  await write.run(
    `INSERT INTO ${keys} (id, tenant_id, certificate, private_key, expires_at, created_at)
     VALUES ($1, $2::uuid, $3, $4, $5::timestamptz,
             coalesce((SELECT created_at - interval '1 second' FROM ${keys} WHERE id = $6::uuid), onboard.now()))`,
    [id, tenant, made.certificate, await write.seal(made.privateKey, keyPlace(tenant, id)), made.expires_at, beside],
  )
}
