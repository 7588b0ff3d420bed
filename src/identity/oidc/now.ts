import type { Query } from '../sql.ts'

/** The time by which tokens are judged. */
export async function databaseNow(query: Query): Promise<Date> {
  const [row] = await query<{ ms: number }>('SELECT (extract(epoch FROM onboard.now()) * 1000)::float8 AS ms')
  return new Date(row?.ms ?? Number.NaN)
}
