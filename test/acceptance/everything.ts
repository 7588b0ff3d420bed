import type { Database } from '../../src/database/open.ts'
import { ident } from '../../src/database/client.ts'

/** Every row of every table that is not the server's own, as text: what was there before, and is to be there after. */
export async function everything(database: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const owner = await database.connect('owner')
  try {
    const { rows: tables } = await owner.query<{ schema: string; name: string }>(
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema$)' ORDER BY 1, 2`,
    )
    const all = new Map<string, readonly string[]>()
    for (const { schema, name } of tables) {
      const { rows } = await owner.query<{ row: string }>(`SELECT t::text AS row FROM ${ident(schema)}.${ident(name)} t ORDER BY 1`)
      all.set(`${schema}.${name}`, rows.map(({ row }) => row))
    }
    return all
  } finally {
    await owner.end()
  }
}
