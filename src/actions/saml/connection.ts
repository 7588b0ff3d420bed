import { randomUUID } from 'node:crypto'
import { defineAction } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { SamlSettings } from '../../identity/login/types.ts'
import type { Change, Json, JsonObject } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { look, moved, NAMED, type Seen, tables } from '../sso/_connection.ts'
import { SAML_IDP } from '../sso/_details.ts'
import { remove, restore, type Was, wasOf } from '../sso/_undo.ts'

interface ConnectionChange extends Change {
  readonly slug: string
  readonly name: string
  readonly tenant: string | null
  readonly settings: JsonObject
  readonly was: Was | null
}

/** For people: what is there, by the names of administrators, and certificates by what one compares. */
function shown(settings: JsonObject): JsonObject {
  const { certificates, sso, slo, ...rest } = settings as unknown as SamlSettings
  const bindings = (name: string, all: SamlSettings['sso']) => Object.fromEntries(
    Object.entries(all).map(([binding, url]) => [`${name} by ${binding}`, url]),
  )
  return {
    ...Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== null),
    ), ...bindings('login', sso), ...bindings('logout', slo),
    certificates: certificates.map(
      ({ subject, fingerprint, not_after }) => `${subject} until ${not_after.slice(0, 10)} (${fingerprint})`,
    ).join('; '),
  } as unknown as JsonObject
}

/** The settings as stored, and whether they are those that are wanted: PostgreSQL compares. */
interface Looked extends Seen {
  readonly same: boolean
}

interface Input {
  readonly idp: unknown
  readonly idp_initiated: boolean
  readonly sign_requests: boolean
  readonly name_id_format: string | null
  readonly clock_skew_s: number
  readonly jit: boolean
}

/** What is stored: the published part with the agreed one; a binding that is not there is left out. */
function wanted({ idp, idp_initiated, sign_requests, name_id_format, clock_skew_s, jit }: Input): JsonObject {
  const { sso, slo, ...published } = idp as { readonly sso: Bindings; readonly slo: Bindings } & JsonObject
  return {
    ...published, sso: present(sso), slo: present(slo), idp_initiated, sign_requests, name_id_format, clock_skew_s, jit,
  }
}
type Bindings = { readonly [binding: string]: string | null }
const present = (all: Bindings): JsonObject => Object.fromEntries(
  Object.entries(all).filter(([, one]) => one !== null),
) as JsonObject

/** A tenant's connection to its SAML identity provider. It is switched off when it is made, and stays as it is when changed. */
export default defineAction({
  title: "Sets up a tenant's connection to its SAML identity provider, switched off at first.",
  example: {
    tenant: 'acme',
    idp: {
      entity_id: 'https://idp.acme.example/metadata',
      sso: { redirect: 'https://idp.acme.example/sso', post: null }, slo: { redirect: null, post: null },
      certificates: [
        {
          pem: '-----BEGIN CERTIFICATE-----\n…', subject: 'CN=idp.acme.example', fingerprint: 'A1:B2:…', not_before: '2026-01-01T00:00:00.000Z', not_after: '2029-01-01T00:00:00.000Z',
        },
      ],
      valid_until: null, metadata_url: null, metadata_at: '2026-12-01T09:00:00Z',
    },
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'idp'],
    properties: {
      ...NAMED,
      idp: { ...SAML_IDP, description: 'What it publishes: the output idp of sso.details.' },
      idp_initiated: {
        type: 'boolean', default: false,
        description: 'Whether a login may begin there, without our asking: somebody else could then sign a person in as themselves.',
      },
      sign_requests: { type: 'boolean', default: true, description: 'Whether we sign what we ask.' },
      name_id_format: {
        type: ['string', 'null'], default: null, description: 'URI of the NameID format to ask for; null: whatever it sends.',
      },
      clock_skew_s: {
        type: 'integer', minimum: 0, maximum: 300, default: 60, description: 'How far the clocks may be apart, in seconds.',
      },
      jit: {
        type: 'boolean', default: true, description: 'Whether somebody unknown gets an account at the first login.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['id', 'entity_id', 'certificates_until'],
    properties: {
      id: { type: 'string' },
      entity_id: { type: 'string', description: "The identity provider's name." },
      certificates_until: {
        type: 'string', format: 'date-time', description: 'When the last of its certificates expires.',
      },
    },
  },
  where: 'database',
  owns: ({ tenant, connection }) => [`tenant/${tenant}/sso/${connection ?? 'main'}/settings`],

  async check(read, input): Promise<Looked> {
    const seen = await look(read, input.tenant, input.connection)
    const { connections } = tables(read)
    const found = seen.row === null ? undefined : await read.one<{ same: boolean }>(
      `SELECT settings = $2::jsonb AS same FROM ${connections} WHERE id::text = $1`, [
        seen.row.id, JSON.stringify(wanted(input as never)),
      ],
    )
    return { ...seen, same: found?.same === true }
  },

  plan(input, { tenant, row, same }): ConnectionChange | null {
    const target = `connection ${input.connection} of tenant ${input.tenant}`
    if (row !== null && row.protocol !== 'saml') throw new OnboardError(
      'conflict', 'other-protocol', `${target} is one of OIDC; a SAML connection needs another name`,
    )
    if (same) return null
    const settings = wanted(input as never)
    const about = { target, slug: input.tenant, name: input.connection, tenant, settings, was: wasOf(row) }
    return { ...about, before: row === null ? null : shown(row.settings), after: shown(settings) }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug)
    const { connections } = tables(write)
    const settings = JSON.stringify(change.settings)
    const rows = change.was === null
      ? await write.run(
        `INSERT INTO ${connections} (id, tenant_id, name, protocol, settings) VALUES ($1, $2::uuid, $3, 'saml', $4) ON CONFLICT DO NOTHING`,
        [randomUUID(), change.tenant, change.name, settings],
      )
      : await write.run(
        `UPDATE ${connections} SET settings = $2::jsonb, updated_at = onboard.now() WHERE id = $1::uuid AND settings = $3::jsonb`,
        [change.was.id, settings, JSON.stringify(change.was.settings)],
      )
    if (rows === 0) throw moved(change.target)
  },

  outputs(_input, { row }) {
    const settings = row?.settings as unknown as SamlSettings | undefined
    const until = (settings?.certificates ?? []).map(({ not_after }) => not_after).toSorted().at(-1) ?? ''
    return { id: row?.id ?? '', entity_id: settings?.entity_id ?? '', certificates_until: until }
  },

  owned: ({ row }): Json => (row === null ? null : { id: row.id, settings: row.settings }),

  async undo(write, change, after) {
    if (after.row === null) return
    if (change.was === null) await remove(write, change.target, after.row.id)
    else await restore(write, change.target, change.was, after.row)
  },
})
