import { defineAction } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { mapped, shown, usual } from '../../identity/login/mapping.ts'
import { LoginRefused, type Mapping } from '../../identity/login/types.ts'
import type { Change, JsonObject } from '../../model.ts'
import { look, moved, NAMED, noConnection, type Seen, tables } from './_connection.ts'
import { MAPPING, SAMPLE } from './_details.ts'
import { restore, type Was, wasOf } from './_undo.ts'

interface Looked extends Seen {
  readonly same: boolean
  readonly preview: JsonObject | null
}

interface MappingChange extends Change {
  readonly mapping: JsonObject
  readonly was: Was | null
}

/** For people. */
const inWords = ({ email, name, role = [], roles = [], role_default }: Mapping): JsonObject => ({
  email: email.join(', '), name: name.join(', '), ...(role.length === 0 ? {} : { role: role.join(', ') }),
  ...(roles.length === 0 ? {} : { roles: roles.map((one) => `${one.value} → ${one.role}`).join(', ') }), role_default,
})

/** What the sample becomes. Throws verification where it cannot become anybody. */
function previewOf(mapping: Mapping, sample: { readonly [name: string]: readonly string[] } | null): JsonObject | null {
  if (sample === null) return null
  try {
    return shown(mapped(mapping, sample))
  } catch (error) {
    if (!(error instanceof LoginRefused)) throw error
    throw new OnboardError('verification', error.code, `of the sample nobody could be made: ${error.message}`, {
      suggestions: [], cause: error,
    })
  }
}

/**
 * Which attributes or claims are address, name and role.
 * What the sample becomes is shown before anybody signs in by it.
 */
export default defineAction({
  title:
    'Declares which attributes or claims of an identity provider are address, name and role, and previews a sample.',
  example: {
    tenant: 'acme',
    mapping: {
      email: ['email'], name: ['displayName'], role: ['groups'],
      roles: [{ value: 'app-admins', role: 'admin' }], role_default: 'member',
    },
    sample: { email: ['ada@acme.example'], displayName: ['Ada Hall'], groups: ['app-admins', 'staff'] },
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: {
      ...NAMED,
      mapping: {
        ...MAPPING,
        type: ['object', 'null'],
        default: null,
        description:
          'null: the usual names of Okta, Entra ID, Google, Ping, ADFS and Keycloak, and everybody new is a member.',
      },
      sample: { ...SAMPLE, type: ['object', 'null'], default: null },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['mapping', 'preview'],
    properties: {
      mapping: MAPPING,
      preview: {
        type: ['object', 'null'], additionalProperties: true,
        description: 'Address, name and role of the sample; null: there was none.',
      },
    },
  },
  where: 'database',
  owns: ({ tenant, connection }) => [`tenant/${tenant}/sso/${connection ?? 'main'}/mapping`],

  async check(read, input): Promise<Looked> {
    const seen = await look(read, input.tenant, input.connection)
    const mapping = (input.mapping as Mapping | null) ?? usual(seen.row?.protocol ?? 'saml')
    const preview = previewOf(mapping, input.sample as never)
    const { connections } = tables(read)
    const found = seen.row && await read.one<{ same: boolean }>(
      `SELECT mapping = $2::jsonb AS same FROM ${connections} WHERE id = $1::uuid`,
      [seen.row.id, JSON.stringify(mapping)],
    )
    return { ...seen, same: found?.same === true, preview }
  },

  plan(input, { row, same, preview }): MappingChange | null {
    if (same) return null
    const mapping = ((input.mapping as Mapping | null) ?? usual(row?.protocol ?? 'saml')) as unknown as JsonObject
    return {
      target: `mapping of connection ${input.connection} of tenant ${input.tenant}`, mapping, was: wasOf(row),
      before: row?.mapping === null || row === null ? null : inWords(row.mapping),
      after: { ...inWords(mapping as unknown as Mapping), ...(preview === null ? {} : { 'sample becomes': preview }) },
    }
  },

  async apply(write, change) {
    if (change.was === null) throw noConnection(change.target, write.key)
    const { connections } = tables(write)
    const rows = await write.run(
      `UPDATE ${connections} SET mapping = $2::jsonb, updated_at = onboard.now()
        WHERE id = $1::uuid AND mapping IS NOT DISTINCT FROM $3::jsonb`,
      [
        change.was.id,
        JSON.stringify(change.mapping),
        change.was.mapping === null ? null : JSON.stringify(change.was.mapping),
      ],
    )
    if (rows === 0) throw moved(change.target)
  },

  outputs: (input, { row, preview }) => ({
    mapping: (row?.mapping ?? input.mapping ?? usual('saml')) as never, preview: preview as never,
  }),

  owned: ({ row }) => (row === null ? null : { id: row.id, mapping: row.mapping }),

  async undo(write, change, after) {
    if (after.row !== null && change.was !== null) await restore(
      write, change.target, { ...change.was, settings: after.row.settings }, after.row,
    )
  },
})
