/** Connections of a tenant to identity providers, as the database has them. */
import type { Query, Tables } from '../sql.ts'
import type { Connection } from './types.ts'

/** A connection `c` counts as switched on where single sign-on of its tenant `t` was not switched off. */
export const ON = `(c.enabled AND coalesce(t.settings #>> '{enabled,sso}', 'true') = 'true')`

/** Everything but the sealed client secret, which a reader may not see. */
const columns = ({ connections, tenants }: Tables): string => `
  SELECT c.id::text, c.tenant_id::text, t.slug, c.name, c.protocol, ${ON} AS enabled, c.settings, c.mapping
    FROM ${connections} c JOIN ${tenants} t ON t.id = c.tenant_id`

/** The one with this name; undefined: the tenant has none, or there is no such tenant. */
export async function connectionOf(
  query: Query, tables: Tables, tenantSlug: string, name: string,
): Promise<Connection | undefined> {
  const [found] = await query<Connection>(
    `${columns(tables)} WHERE t.slug = $1 AND c.name = $2`, [tenantSlug, name],
  )
  return found
}

/** All of a tenant, by name. */
export async function connectionsOf(query: Query, tables: Tables, tenantSlug: string): Promise<Connection[]> {
  return query<Connection>(`${columns(tables)} WHERE t.slug = $1 ORDER BY c.name`, [tenantSlug])
}
