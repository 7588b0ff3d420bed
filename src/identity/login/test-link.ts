/** Links with which a connection is tried before it is enabled: no session comes of it, only a trace. */
import { createHash, randomBytes } from 'node:crypto'
import { Secret } from '../../contract.ts'
import type { Query, Tables } from '../sql.ts'
import type { Connection } from './types.ts'

const idOf = (token: string): string => `test-${createHash('sha256').update(token).digest('hex')}`

export interface TestLink {
  /** By which its traces are found: `sso_traces.request_id`. */
  readonly id: string
  /** Of `/sso/TENANT/NAME/login?test=TOKEN`. */
  readonly token: Secret
}

/** Makes a link that is good for some time, as often as it is needed. */
export async function newTestLink(
  query: Query, tables: Tables, connection: Connection, seconds: number,
): Promise<TestLink> {
  const token = randomBytes(24).toString('base64url')
  const id = idOf(token)
  await query(
    `INSERT INTO ${tables.requests} (id, tenant_id, connection_id, purpose, detail, expires_at)
     VALUES ($1, $2, $3, 'test', '{"opens": true}', onboard.now() + make_interval(secs => $4))`,
    [id, connection.tenant_id, connection.id, seconds],
  )
  return { id, token: new Secret(token) }
}

/**
 * The id of the link that this token opens; undefined: none, or not any more. The login that begins with it has the
 * purpose `test` and `{ link: id }` in its detail.
 */
export async function openTestLink(
  query: Query, tables: Tables, connection: Connection, token: string,
): Promise<string | undefined> {
  const [row] = await query<{ id: string }>(
    `SELECT id FROM ${tables.requests}
      WHERE id = $1 AND connection_id = $2 AND purpose = 'test' AND detail ? 'opens' AND expires_at > onboard.now()`,
    [idOf(token), connection.id],
  )
  return row?.id
}
