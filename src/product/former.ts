import type { Queries } from './port.ts'

/** Other names that a tenant has or had (`onboard rename`), the latest first. */
export async function otherSlugs(sql: Queries, slug: string): Promise<readonly string[]> {
  const others = 'SELECT other.slug FROM onboard.other_slugs($1) AS other(slug)'
  return (await sql.many<{ slug: string }>(others, [slug])).map((row) => row.slug)
}
