import type { Secret } from '../../contract.ts'
import { type Connection, LoginRefused } from '../login/types.ts'
import type { Place, Seal } from '../seal.ts'
import type { Query, Tables } from '../sql.ts'

/** Where the sealed client secret of a connection belongs. Both are ids. */
export const clientSecretPlace = (tenant: string, connection: string): Place => [
  'sso_connections.client_secret', tenant, connection,
]

/**
 * The client secret of a connection; null: it has none.
 * @throws LoginRefused where it cannot be read: there is no key, or another one
 */
export async function clientSecretOf(
  query: Query, { connections }: Pick<Tables, 'connections'>, seal: Seal | null,
  { tenant_id, id }: Pick<Connection, 'tenant_id' | 'id'>,
): Promise<Secret | null> {
  const [row] = await query<{ client_secret: string | null }>(
    `SELECT client_secret FROM ${connections} WHERE id = $1 AND tenant_id = $2`, [id, tenant_id],
  )
  const sealed = row?.client_secret ?? null
  if (sealed === null) return null
  try {
    if (seal !== null) return seal.open(sealed, clientSecretPlace(tenant_id, id))
  } catch {
    // Said below.
  }
  throw new LoginRefused(
    'request', 'sealed-secret',
    seal === null
      ? 'the client secret is sealed, and the gateway has no key to it'
      : 'the client secret was sealed with another key than the one of the gateway',
    'Start the gateway with the key by which it was sealed (ONBOARD_SEALING_KEY_FILE), or give the secret again.',
  )
}
