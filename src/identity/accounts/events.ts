/** Who did what in the product: rows of `audit_events`, which nobody changes. */
import type { JsonObject } from '../../model.ts'
import type { Query, Tables } from '../sql.ts'

export interface AuditEvent {
  /** Id of the tenant; null: it concerns none. */
  readonly tenant: string | null
  /** `login.password`, `session.ended`, `project.created`: what it is about, what became of it. */
  readonly event: string
  /** Id of who did it; null: nobody who is known. */
  readonly user: string | null
  readonly ip: string | null
  /** Never a secret, and nothing that somebody typed into a field for one. */
  readonly detail?: JsonObject
}

export async function audit(
  query: Query,
  { events }: Pick<Tables, 'events'>,
  { tenant, event, user, ip, detail = {} }: AuditEvent,
): Promise<void> {
  await query(`INSERT INTO ${events} (tenant_id, event, user_id, ip, detail) VALUES ($1, $2, $3, $4, $5)`, [
    tenant,
    event,
    user,
    ip,
    JSON.stringify(detail),
  ])
}
