import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import { createPool, type Pool } from '../../src/database/pool.ts'
import { createGateway } from '../../src/gateway/server.ts'
import type { Mapping, SamlSettings } from '../../src/identity/login/types.ts'
import { keyPlace, type NewKey } from '../../src/identity/saml/keys.ts'
import { spUrls, type SpUrls } from '../../src/identity/saml/urls.ts'
import { createSeal } from '../../src/identity/seal.ts'
import { testDatabase } from '../support/database.ts'
import { NOW } from '../support/saml-idp.ts'

export const MAPPING: Mapping = {
  email: ['email'], name: ['name'], role: ['groups'], roles: [{ value: 'admins', role: 'admin' }], role_default: 'viewer',
}

interface Traced {
  readonly accepted: boolean
  readonly stage: string
  readonly code: string | null
  readonly purpose: string
  readonly request_id: string | null
}

/** What a browser has got: where it is sent, what it is shown. */
export interface Shown {
  readonly status: number
  readonly location: URL | undefined
  readonly text: string
  readonly headers: Headers
}

export interface Browser {
  readonly cookies: ReadonlyMap<string, string>
  get(url: string): Promise<Shown>
  post(url: string, fields: Record<string, string>): Promise<Shown>
}

export interface SamlGateway {
  readonly origin: string
  readonly query: Pool['query']
  /** A live tenant with a connection and, where it is given, a key of ours. */
  connect(slug: string, settings: SamlSettings, more?: { readonly enabled?: boolean; readonly key?: NewKey; readonly mapping?: Mapping | null }): Promise<{ readonly id: string; readonly tenant: string; readonly urls: SpUrls }>
  /** The last thing that became of a login through this connection. */
  trace(connection: string): Promise<Traced | undefined>
  /** Sessions that this connection gave and that go on. */
  sessions(connection: string): Promise<number>
}

/** A gateway over a database whose clock stands at NOW, or goes on; both end with the test file. */
export async function samlGateway({ stands = true } = {}): Promise<SamlGateway> {
  const database = await testDatabase(stands ? { simulated: NOW } : {})
  const pool = createPool(database, 'app', 8)
  const seal = createSeal(randomBytes(32))
  const app = createGateway({ database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null, seal, loginsPerMinute: 10_000 })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  afterAll(async () => {
    await app.close()
    await pool.close()
  })
  const { query } = pool
  return {
    origin, query,
    async connect(slug, settings, { enabled = true, key, mapping = MAPPING } = {}) {
      const [made] = await query<{ id: string }>(`INSERT INTO tenants (name, slug, plan, status) VALUES ($1, $1, 'enterprise', 'live') RETURNING id::text`, [slug])
      const tenant = made?.id ?? ''
      const [row] = await query<{ id: string }>(
        `INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping) VALUES ($1, 'sso', 'saml', $2, $3, $4) RETURNING id::text`,
        [tenant, enabled, JSON.stringify(settings), mapping === null ? null : JSON.stringify(mapping)],
      )
      if (key !== undefined) {
        const [{ id } = { id: '' }] = await query<{ id: string }>('SELECT gen_random_uuid()::text AS id')
        await query(
          'INSERT INTO sso_keys (id, tenant_id, certificate, private_key, expires_at) VALUES ($1, $2, $3, $4, $5)',
          [id, tenant, key.certificate, seal.seal(key.privateKey, keyPlace(tenant, id)), key.expires_at],
        )
      }
      return { id: row?.id ?? '', tenant, urls: spUrls(origin, slug, 'sso') }
    },
    async trace(connection) {
      const [row] = await query<never>('SELECT accepted, stage, code, purpose, request_id FROM sso_traces WHERE connection_id = $1 ORDER BY id DESC LIMIT 1', [connection])
      return row
    },
    async sessions(connection) {
      const [row] = await query<{ n: number }>('SELECT count(*)::int AS n FROM sessions WHERE connection_id = $1 AND ended_at IS NULL', [connection])
      return row?.n ?? 0
    },
  }
}

/** A browser that keeps cookies and follows nothing by itself. */
export function browser(): Browser {
  const cookies = new Map<string, string>()
  const send = async (url: string, init: RequestInit): Promise<Shown> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { accept: 'text/html', ...init.headers, ...(cookie === '' ? {} : { cookie }) } })
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const to = answer.headers.get('location')
    return { status: answer.status, location: to === null ? undefined : new URL(to, url), text: await answer.text(), headers: answer.headers }
  }
  return {
    cookies,
    get: (url) => send(url, { method: 'GET' }),
    post: (url, fields) => send(url, { method: 'POST', body: new URLSearchParams(fields) }),
  }
}
