import { randomUUID } from 'node:crypto'
import { defineAction } from '../../contract.ts'
import type { SamlSettings } from '../../identity/login/types.ts'
import type { JsonObject } from '../../model.ts'
import { NAMED } from '../sso/_connection.ts'
import { SAML_IDP } from '../sso/_details.ts'
import {
  AGREED, type Looked, mustBe, ownedOf, settingsChange, type SettingsChange, settingsSeen, store, takeBack,
} from '../sso/_settings.ts'

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

/**
 * A tenant's connection to its SAML identity provider.
 * It is switched off when it is made, and stays as it is when changed.
 */
export default defineAction({
  title: "Sets up a tenant's connection to its SAML identity provider, switched off at first.",
  example: {
    tenant: 'acme',
    idp: {
      entity_id: 'https://idp.acme.example/metadata',
      sso: { redirect: 'https://idp.acme.example/sso', post: null }, slo: { redirect: null, post: null },
      certificates: [
        {
          pem: '-----BEGIN CERTIFICATE-----\n…',
          subject: 'CN=idp.acme.example',
          fingerprint: 'A1:B2:…',
          not_before: '2026-01-01T00:00:00.000Z',
          not_after: '2029-01-01T00:00:00.000Z',
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
        type: 'boolean',
        default: false,
        description:
          'Whether a login may begin there, without our asking: '
          + 'somebody else could then sign a person in as themselves.',
      },
      sign_requests: { type: 'boolean', default: true, description: 'Whether we sign what we ask.' },
      name_id_format: {
        type: ['string', 'null'],
        default: null,
        description: 'URI of the NameID format to ask for; null: whatever it sends.',
      },
      ...AGREED,
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
    return settingsSeen(read, input, wanted(input as never))
  },

  plan(input, seen): SettingsChange | null {
    mustBe('saml', input, seen)
    if (seen.same) return null
    const settings = wanted(input as never)
    const { row } = seen
    return {
      ...settingsChange(input, seen, settings),
      before: row === null ? null : shown(row.settings),
      after: shown(settings),
    }
  },

  async apply(write, change) {
    await store(write, 'saml', change, randomUUID())
  },

  outputs(_input, { row }) {
    const settings = row?.settings as unknown as SamlSettings | undefined
    const until = (settings?.certificates ?? []).map(({ not_after }) => not_after).toSorted().at(-1) ?? ''
    return { id: row?.id ?? '', entity_id: settings?.entity_id ?? '', certificates_until: until }
  },

  owned: (seen) => ownedOf(seen),

  async undo(write, change, after) {
    await takeBack(write, change, after)
  },
})
