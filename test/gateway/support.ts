import { afterAll } from 'vitest'
import { createPool } from '../../src/database/pool.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { newScimToken } from '../../src/identity/scim/token.ts'
import { testDatabase } from '../support/database.ts'

export interface TestGateway {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  readonly query: <R = Record<string, unknown>>(sql: string, params?: readonly unknown[]) => Promise<R[]>
  /** A tenant with a token for its endpoint. */
  tenant(slug: string): Promise<{ readonly id: string; readonly url: string; readonly token: string }>
}

/** A gateway over a database of its own; both end with the test file. */
export async function testGateway(more: { readonly scimPerMinute?: number } = {}): Promise<TestGateway> {
  const database = await testDatabase()
  const pool = createPool(database, 'app', 8)
  const app = createGateway({ database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null, ...more })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  afterAll(async () => {
    await app.close()
    await pool.close()
  })
  return {
    origin, query: pool.query,
    async tenant(slug) {
      const [made] = await pool.query<{ id: string }>(`INSERT INTO tenants (name, slug, plan, settings) VALUES ($1, $1, 'enterprise', '{"enabled":{"scim":true}}') RETURNING id::text`, [slug])
      const { token, hash, prefix } = newScimToken()
      const id = made?.id ?? ''
      await pool.query(`INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at) VALUES ($1, $2, $3, onboard.now() + interval '1 hour')`, [id, hash, prefix])
      return { id, url: `${origin}/scim/v2/${slug}`, token: token.reveal() }
    },
  }
}
