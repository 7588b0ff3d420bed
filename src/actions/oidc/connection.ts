import { randomUUID } from 'node:crypto'
import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { clientSecretPlace } from '../../identity/oidc/secret.ts'
import type { Change, JsonObject } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { look, moved, NAMED, type Seen, tables } from '../sso/_connection.ts'
import { OIDC_IDP } from '../sso/_details.ts'
import { remove, restore, type Was, wasOf } from '../sso/_undo.ts'

/** kept: there is one, and no other was given; new: one was given that is not the one that there is. */
type Secret = 'none' | 'kept' | 'new' | 'missing'

interface Looked extends Seen {
  readonly same: boolean
  readonly secret: Secret
}

interface ConnectionChange extends Change {
  readonly slug: string
  readonly name: string
  readonly tenant: string | null
  readonly settings: JsonObject
  readonly secret: Secret
  readonly had_secret: boolean
  readonly was: Was | null
}

const GIVEN = 'client_secret'

interface Input {
  readonly idp: unknown
  readonly clock_skew_s: number
  readonly jit: boolean
  readonly email_verified: string
}

function wanted({ idp, clock_skew_s, jit, email_verified }: Input): JsonObject {
  const { client_secret: _, ...published } = idp as JsonObject
  return { ...published, clock_skew_s, jit, email_verified }
}

async function secretOf(read: Reader, { tenant, row }: Seen, needed: boolean): Promise<Secret> {
  const given = await read.given(GIVEN, clientSecretPlace(tenant ?? '', row?.id ?? ''))
  if (given !== null && given.mark !== row?.mark) return 'new'
  if (row?.has_secret === true) return 'kept'
  return needed ? 'missing' : 'none'
}

/** A tenant's connection to its OpenID provider. It is switched off when it is made, and stays as it is when changed. */
export default defineAction({
  title: "Sets up a tenant's connection to its OpenID provider, switched off at first; its client secret is sealed.",
  example: {
    tenant: 'acme',
    idp: {
      issuer: 'https://login.acme.example', client_id: 'onboard', client_secret: true, scopes: ['openid', 'email', 'profile'],
    },
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'idp'],
    properties: {
      ...NAMED,
      idp: { ...OIDC_IDP, description: 'Issuer and client: the output idp of sso.details.' },
      clock_skew_s: {
        type: 'integer', minimum: 0, maximum: 300, default: 60, description: 'How far the clocks may be apart, in seconds.',
      },
      jit: {
        type: 'boolean', default: true, description: 'Whether somebody unknown gets an account at the first login.',
      },
      email_verified: {
        type: 'string', enum: ['required', 'trusted'], default: 'required',
        description: 'required: the mail address counts where the provider says that it has verified it; trusted: it counts as it is.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['id', 'issuer', 'client_id', 'client_secret'],
    properties: {
      id: { type: 'string' },
      issuer: { type: 'string' },
      client_id: { type: 'string' },
      client_secret: { type: 'boolean', description: 'Whether there is one.' },
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
    const needed = (input.idp as JsonObject)['client_secret'] === true
    return { ...seen, same: found?.same === true, secret: await secretOf(read, seen, needed) }
  },

  plan(input, { tenant, row, same, secret }): ConnectionChange | null {
    const target = `connection ${input.connection} of tenant ${input.tenant}`
    if (row !== null && row.protocol !== 'oidc') throw new OnboardError(
      'conflict', 'other-protocol', `${target} is one of SAML; an OIDC connection needs another name`,
    )
    if (same && (secret === 'kept' || secret === 'none')) return null
    const settings = wanted(input as never)
    const told = secret === 'kept' || secret === 'none' ? {} : {
      client_secret: secret === 'new' ? 'sealed' : 'is still to be given',
    }
    const about = {
      target, slug: input.tenant, name: input.connection, tenant, settings, secret, had_secret: row?.has_secret === true, was: wasOf(row),
    }
    const before = row === null ? null : {
      ...row.settings, ...(secret === 'new' ? { client_secret: row.has_secret ? 'another one' : 'none' } : {}),
    }
    return { ...about, before, after: { ...settings, ...told } }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug)
    if (change.secret === 'missing') {
      throw new OnboardError('waiting', 'secret-needed', `${change.target}: its client secret is still to be given`, {
        suggestions: [`onboard sso ${write.onboarding.key} --client-secret-file FILE`],
      })
    }
    const { connections } = tables(write)
    const id = change.was?.id ?? randomUUID()
    const sealed = change.secret === 'new' ? await write.given(GIVEN, clientSecretPlace(change.tenant, id)) : null
    const settings = JSON.stringify(change.settings)
    const rows = change.was === null
      ? await write.run(
        `INSERT INTO ${connections} (id, tenant_id, name, protocol, settings, client_secret, client_secret_mark) VALUES ($1, $2::uuid, $3, 'oidc', $4, $5, $6) ON CONFLICT DO NOTHING`,
        [id, change.tenant, change.name, settings, sealed?.text ?? null, sealed?.mark ?? null],
      )
      : await write.run(
        `UPDATE ${connections} SET settings = $2::jsonb, client_secret = coalesce($4, client_secret), client_secret_mark = coalesce($5, client_secret_mark), updated_at = onboard.now()
          WHERE id = $1::uuid AND settings = $3::jsonb`,
        [id, settings, JSON.stringify(change.was.settings), sealed?.text ?? null, sealed?.mark ?? null],
      )
    if (rows === 0) throw moved(change.target)
  },

  outputs(_input, { row }) {
    const { issuer = '', client_id = '' } = (row?.settings ?? {}) as { issuer?: string; client_id?: string }
    return { id: row?.id ?? '', issuer, client_id, client_secret: row?.has_secret === true }
  },

  // Not the secret: one that was given anew stays when that is taken back, and must not keep the connection from going.
  owned: ({ row }) => (row === null ? null : { id: row.id, settings: row.settings }),

  async undo(write, change, after) {
    if (after.row === null) return
    if (change.was === null) return remove(write, change.target, after.row.id)
    await restore(write, change.target, change.was, after.row)
    if (change.secret !== 'new') return
    if (change.had_secret) return 'the client secret stays the one that was given last: the one before was not kept'
    await write.run(
      `UPDATE ${tables(write).connections} SET client_secret = NULL, client_secret_mark = NULL WHERE id = $1::uuid`, [change.was.id],
    )
  },
})
