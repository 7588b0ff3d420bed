/** Projects: the example of something that a tenant's people have. */
import type { Query, Tables } from '../sql.ts'

export interface Project {
  readonly id: string
  readonly name: string
  readonly created_at: string
}
const COLUMNS = `id::text, name, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at`
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A page of them, oldest first. @param after id of the last one of the page before */
export function projectsOf(
  query: Query,
  { projects }: Tables,
  tenant: string,
  after: string | null,
): Promise<Project[]> {
  return query<Project>(
    `SELECT ${COLUMNS} FROM ${projects} WHERE tenant_id = $1
       AND ($2::uuid IS NULL
            OR (created_at, id) > (SELECT created_at, id FROM ${projects} WHERE tenant_id = $1 AND id = $2))
     ORDER BY created_at, id LIMIT 100`,
    [tenant, after],
  )
}

export async function projectOf(
  query: Query,
  { projects }: Tables,
  tenant: string,
  id: string,
): Promise<Project | undefined> {
  if (!UUID.test(id)) return undefined
  const [row] = await query<Project>(`SELECT ${COLUMNS} FROM ${projects} WHERE tenant_id = $1 AND id = $2`, [
    tenant,
    id,
  ])
  return row
}

export async function createProject(
  query: Query,
  { projects }: Tables,
  tenant: string,
  { name, by }: { readonly name: string; readonly by: string },
): Promise<Project | undefined> {
  const [row] = await query<Project>(
    `INSERT INTO ${projects} (tenant_id, name, created_by) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`,
    [tenant, name, by],
  )
  return row
}

/** false: there is none of that id. */
export async function deleteProject(query: Query, { projects }: Tables, tenant: string, id: string): Promise<boolean> {
  if (!UUID.test(id)) return false
  return (await query(`DELETE FROM ${projects} WHERE tenant_id = $1 AND id = $2 RETURNING id`, [tenant, id])).length > 0
}

export const isUuid = (text: string): boolean => UUID.test(text)
