import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import { createHttp } from '../../src/adapters/http.ts'
import { Secret } from '../../src/contract.ts'
import { createPool, type Pool } from '../../src/database/pool.ts'
import { createGateway } from '../../src/gateway/server.ts'
import type { Mapping, OidcSettings } from '../../src/identity/login/types.ts'
import { clientSecretPlace } from '../../src/identity/oidc/secret.ts'
import { createSeal, type Seal } from '../../src/identity/seal.ts'
import { testDatabase } from '../support/database.ts'

export const MAPPING: Mapping = {
  email: ['email'], name: ['name'], role: ['roles'], roles: [{ value: 'crm-admins', role: 'admin' }],
  role_default: 'viewer',
}

export interface NewConnection {
  readonly issuer: string
  readonly client_id?: string
  readonly secret?: string
  readonly enabled?: boolean
  readonly mapping?: Mapping | null
  readonly settings?: Partial<OidcSettings>
}

interface Told {
  readonly accepted: boolean
  readonly stage: string
  readonly code: string | null
  readonly reason: string | null
  readonly mapped: Record<string, unknown> | null
}

export interface OidcGateway {
  readonly origin: string
  readonly query: Pool['query']
  readonly seal: Seal
  /** Makes a live tenant, if it is not there. */
  tenant(slug: string): Promise<string>
  /** A connection of a tenant; its id. */
  connection(slug: string, name: string, made: NewConnection): Promise<string>
  /** The last thing that became of a login through this connection. */
  trace(connection: string): Promise<Told | undefined>
  /** Sessions that this connection gave and that go on. */
  sessions(connection: string): Promise<number>
}

/** A gateway that may ask providers on this machine, over a database of its own; both end with the test file. */
export async function oidcGateway({ loginsPerMinute = 10_000 } = {}): Promise<OidcGateway> {
  const database = await testDatabase()
  const pool = createPool(database, 'app', 8)
  const { http, close } = createHttp({ allow: ['127.0.0.1'], env: {} })
  const seal = createSeal(randomBytes(32))
  const app = createGateway(
    {
      database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null, seal, fetch: http,
      loginsPerMinute,
    },
  )
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  afterAll(async () => {
    await app.close()
    await close()
    await pool.close()
  })
  const { query } = pool
  const tenant = async (slug: string): Promise<string> => {
    const [row] = await query<{ id: string }>(
      `INSERT INTO tenants (name, slug, plan, status) VALUES ($1, $1, 'enterprise', 'live')
       ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id::text`,
      [slug],
    )
    return row?.id ?? ''
  }
  return {
    origin, query, seal, tenant,
    async connection(
      slug, name,
      { issuer, client_id = 'crm', secret = 'client-secret', enabled = true, mapping = MAPPING, settings = {} },
    ) {
      const owner = await tenant(slug)
      const all: OidcSettings = {
        issuer, client_id, scopes: ['openid', 'email', 'profile'], clock_skew_s: 60, jit: true,
        email_verified: 'required', ...settings,
      }
      const [row] = await query<{ id: string }>(
        `INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping)
         VALUES ($1, $2, 'oidc', $3, $4, $5) RETURNING id::text`,
        [owner, name, enabled, JSON.stringify(all), mapping === null ? null : JSON.stringify(mapping)],
      )
      const id = row?.id ?? ''
      await query(
        'UPDATE sso_connections SET client_secret = $2 WHERE id = $1',
        [id, seal.seal(new Secret(secret), clientSecretPlace(owner, id))],
      )
      return id
    },
    async trace(connection) {
      const [row] = await query<never>(
        'SELECT accepted, stage, code, reason, mapped FROM sso_traces WHERE connection_id = $1 ORDER BY id DESC LIMIT 1',
        [connection],
      )
      return row
    },
    async sessions(connection) {
      const [row] = await query<{ n: number }>(
        'SELECT count(*)::int AS n FROM sessions WHERE connection_id = $1 AND ended_at IS NULL', [connection],
      )
      return row?.n ?? 0
    },
  }
}
