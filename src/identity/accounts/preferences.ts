/** What a tenant's administrators set themselves; what the contract says of a tenant is not theirs to change. */
import type { Json, JsonObject } from '../../model.ts'
import type { Query, Tables } from '../sql.ts'
import type { Tenant } from './tenant.ts'

export const preferencesOf = ({ settings }: Tenant): Json => settings['preferences'] ?? {}

export async function setPreferences(
  query: Query,
  { tenants }: Tables,
  tenant: string,
  wanted: JsonObject,
): Promise<void> {
  await query(`UPDATE ${tenants} SET settings = jsonb_set(settings, '{preferences}', $2) WHERE id = $1`, [
    tenant,
    JSON.stringify(wanted),
  ])
}
