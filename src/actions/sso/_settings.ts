/** What connections of both protocols do with their settings: compared, written and taken back in the same way. */
import type { Reader, Sealed, Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Change, Json, JsonObject } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { look, moved, type Seen, tables } from './_connection.ts'
import { remove, restore, type Was, wasOf } from './_undo.ts'

/** The settings as stored, and whether they are those that are wanted. */
export interface Looked extends Seen {
  readonly same: boolean
}

export interface SettingsChange extends Change {
  readonly slug: string
  readonly name: string
  readonly tenant: string | null
  readonly settings: JsonObject
  readonly was: Was | null
}

interface Named {
  readonly tenant: string
  readonly connection: string
}

const PROTOCOLS = { saml: 'one of SAML', oidc: 'one of OIDC' } as const

/** Inputs that both have: what vendor and customer agree upon, besides what the identity provider publishes. */
export const AGREED = {
  clock_skew_s: {
    type: 'integer', minimum: 0, maximum: 300, default: 60, description: 'How far the clocks may be apart, in seconds.',
  },
  jit: {
    type: 'boolean', default: true, description: 'Whether somebody unknown gets an account at the first login.',
  },
} as const

/** PostgreSQL compares. */
export async function settingsSeen(read: Reader, { tenant, connection }: Named, settings: JsonObject): Promise<Looked> {
  const seen = await look(read, tenant, connection)
  const found = seen.row === null ? undefined : await read.one<{ same: boolean }>(
    `SELECT settings = $2::jsonb AS same FROM ${tables(read).connections} WHERE id = $1::uuid`,
    [seen.row.id, JSON.stringify(settings)],
  )
  return { ...seen, same: found?.same === true }
}

export const targetOf = ({ tenant, connection }: Named): string => `connection ${connection} of tenant ${tenant}`

/** @throws OnboardError (conflict) where a connection of the other protocol has the name */
export function mustBe(protocol: 'saml' | 'oidc', input: Named, { row }: Seen): void {
  if (row === null || row.protocol === protocol) return
  throw new OnboardError(
    'conflict', 'other-protocol', `${targetOf(input)} is ${PROTOCOLS[row.protocol]}; another needs another name`,
  )
}

/** The change but for what is shown of it. */
export function settingsChange(input: Named, { tenant, row }: Seen, settings: JsonObject) {
  return { target: targetOf(input), slug: input.tenant, name: input.connection, tenant, settings, was: wasOf(row) }
}

/**
 * Writes them; a connection that is new is switched off. `secret` null: the one that there is stays.
 * @throws OnboardError (conflict) where it was changed meanwhile
 */
export async function store(
  write: Writer, protocol: 'saml' | 'oidc', { target, slug, name, tenant, settings, was }: SettingsChange, id: string,
  secret: Sealed | null = null,
): Promise<void> {
  if (tenant === null) throw noTenant(slug, write.onboarding.key)
  const { connections } = tables(write)
  const sealed = [secret?.text ?? null, secret?.mark ?? null]
  const rows = was === null
    ? await write.run(
      `INSERT INTO ${connections} (id, tenant_id, name, protocol, settings, client_secret, client_secret_mark)
       VALUES ($1, $2::uuid, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [id, tenant, name, protocol, JSON.stringify(settings), ...sealed],
    )
    : await write.run(
      `UPDATE ${connections}
          SET settings = $2::jsonb, client_secret = coalesce($4, client_secret),
              client_secret_mark = coalesce($5, client_secret_mark), updated_at = onboard.now()
        WHERE id = $1::uuid AND settings = $3::jsonb`,
      [was.id, JSON.stringify(settings), JSON.stringify(was.settings), ...sealed],
    )
  if (rows === 0) throw moved(target)
}

/** What a rollback compares. Not the secret: one given anew stays, and must not keep the connection from going. */
export const ownedOf = ({ row }: Seen): Json => (row === null ? null : { id: row.id, settings: row.settings })

export async function takeBack(write: Writer, { target, was }: SettingsChange, { row }: Seen): Promise<void> {
  if (row === null) return
  if (was === null) await remove(write, target, row.id)
  else await restore(write, target, was, row)
}
