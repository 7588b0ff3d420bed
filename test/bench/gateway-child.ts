/**
 * A gateway in a process of its own, for its memory: `node --expose-gc gateway-child.ts DATABASE COST`. Says where it
 * listens; for every line that it is sent it says how much it holds, in bytes.
 */
import { createInterface } from 'node:readline'
import { openDatabase } from '../../src/database/open.ts'
import { createPool } from '../../src/database/pool.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { createPasswords } from '../../src/product/password.ts'

const [name = '', cost = ''] = process.argv.slice(2)
const database = await openDatabase({ kind: 'embedded', name })
const pool = createPool(database, 'app', 8)
const app = createGateway({
  database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null,
  passwords: createPasswords(Number(cost)),
  loginsPerMinute: Number.MAX_SAFE_INTEGER, scimPerMinute: Number.MAX_SAFE_INTEGER,
})
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`)
say({ origin: await app.listen({ host: '127.0.0.1', port: 0 }) })
for await (const _line of createInterface({ input: process.stdin })) {
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  say({ held: heapUsed + external, rss })
}
await app.close()
await pool.close()
await database.close()
