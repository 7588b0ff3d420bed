import { randomUUID } from 'node:crypto'
import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { clientSecretPlace } from '../../identity/oidc/secret.ts'
import type { JsonObject } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { NAMED, type Seen, tables } from '../sso/_connection.ts'
import { OIDC_IDP } from '../sso/_details.ts'
import {
  AGREED, type Looked, mustBe, ownedOf, settingsChange, type SettingsChange, settingsSeen, store, takeBack,
} from '../sso/_settings.ts'

/** kept: there is one, and no other was given; new: one was given that is not the one that there is. */
type Secret = 'none' | 'kept' | 'new' | 'missing'

interface ConnectionChange extends SettingsChange {
  readonly secret: Secret
  readonly had_secret: boolean
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

/** A tenant's connection to its OpenID provider. It is off when it is made, and stays on or off when it is changed. */
export default defineAction({
  title: "Sets up a tenant's connection to its OpenID provider, switched off at first; its client secret is sealed.",
  example: {
    tenant: 'acme',
    idp: {
      issuer: 'https://login.acme.example',
      client_id: 'onboard',
      client_secret: true,
      scopes: ['openid', 'email', 'profile'],
    },
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'idp'],
    properties: {
      ...NAMED,
      idp: { ...OIDC_IDP, description: 'Issuer and client: the output idp of sso.details.' },
      ...AGREED,
      email_verified: {
        type: 'string',
        enum: ['required', 'trusted'],
        default: 'required',
        description:
          'required: the mail address counts where the provider says that it has verified it; '
          + 'trusted: it counts as it is.',
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

  async check(read, input): Promise<Looked & { readonly secret: Secret }> {
    const seen = await settingsSeen(read, input, wanted(input as never))
    const needed = (input.idp as JsonObject)['client_secret'] === true
    return { ...seen, secret: await secretOf(read, seen, needed) }
  },

  plan(input, seen): ConnectionChange | null {
    mustBe('oidc', input, seen)
    const { row, same, secret } = seen
    const isSettled = secret === 'kept' || secret === 'none'
    if (same && isSettled) return null
    const settings = wanted(input as never)
    const told = isSettled ? {} : { client_secret: secret === 'new' ? 'sealed' : 'is still to be given' }
    const had = secret === 'new' ? { client_secret: row?.has_secret ? 'another one' : 'none' } : {}
    const before = row === null ? null : { ...row.settings, ...had }
    return {
      ...settingsChange(input, seen, settings),
      secret,
      had_secret: row?.has_secret === true,
      before,
      after: { ...settings, ...told },
    }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug)
    if (change.secret === 'missing') {
      throw new OnboardError('waiting', 'secret-needed', `${change.target}: its client secret is still to be given`, {
        suggestions: [`onboard sso ${write.onboarding.key} --client-secret-file FILE`],
      })
    }
    const id = change.was?.id ?? randomUUID()
    const secret = change.secret === 'new' ? await write.given(GIVEN, clientSecretPlace(change.tenant, id)) : null
    await store(write, 'oidc', change, id, secret)
  },

  outputs(_input, { row }) {
    const { issuer = '', client_id = '' } = (row?.settings ?? {}) as { issuer?: string; client_id?: string }
    return { id: row?.id ?? '', issuer, client_id, client_secret: row?.has_secret === true }
  },

  owned: (seen) => ownedOf(seen),

  async undo(write, change, after) {
    await takeBack(write, change, after)
    if (after.row === null || change.was === null || change.secret !== 'new') return
    if (change.had_secret) return 'the client secret stays the one that was given last: the one before was not kept'
    await write.run(
      `UPDATE ${tables(write).connections} SET client_secret = NULL, client_secret_mark = NULL WHERE id = $1::uuid`,
      [change.was.id],
    )
  },
})
