import { openDatabase, resolveTarget } from '../../src/database/open.ts'
import { createPool, type Pool } from '../../src/database/pool.ts'
import { createGateway, type GatewaySettings } from '../../src/gateway/server.ts'
import { createPasswords } from '../../src/product/password.ts'

export interface OwnGateway {
  /** `http://127.0.0.1:49152` */
  readonly origin: string
  readonly pool: Pool
  close(): Promise<void>
}

/** The gateway of a workspace's database, in this process; passwords cost little. */
export async function gatewayOf(
  env: Readonly<Record<string, string>>, more: Partial<Pick<GatewaySettings, 'seal' | 'fetch'>> = {},
): Promise<OwnGateway> {
  const database = await openDatabase(resolveTarget({ flag: undefined, env: { ...env }, config: undefined }))
  const pool = createPool(database, 'app', 4)
  const app = createGateway({
    database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null,
    passwords: createPasswords(4), ...more,
  })
  return {
    origin: await app.listen({ host: '127.0.0.1', port: 0 }),
    pool,
    async close() {
      await app.close()
      await pool.close()
      await database.close()
    },
  }
}
