import type { Database } from '../../database/open.ts'

/** What the demo has told in an earlier run. */
export interface Told {
  /** The day on which its first onboarding was opened, `YYYY-MM-DD`; null: none yet. */
  readonly since: string | null
  /** The second customer's go-live was taken back: what comes before that cannot be told again. */
  readonly rolledBack: boolean
  /** Tenants whose administrator has a password, whose connection was tried, through whose somebody came and went. */
  readonly password: readonly string[]
  readonly tried: readonly string[]
  readonly signedOut: readonly string[]
  readonly token: boolean
  readonly synced: boolean
}

/** @param synced address of somebody whom only the demo's directory switches off */
export async function toldBefore(database: Database, synced: string): Promise<Told> {
  const reader = await database.connect('reader')
  try {
    const { rows } = await reader.query<Told>(
      `SELECT (SELECT to_char(min(opened_at), 'YYYY-MM-DD') FROM onboard.onboarding) AS since,
              EXISTS (SELECT FROM onboard.journal WHERE kind = 'began') AS "rolledBack",
              ARRAY(SELECT t.slug FROM public.users u JOIN public.tenants t ON t.id = u.tenant_id
                     WHERE u.role = 'admin' AND u.has_password_hash) AS password,
              ARRAY(SELECT DISTINCT t.slug FROM public.sso_traces s JOIN public.tenants t ON t.id = s.tenant_id
                     WHERE s.purpose = 'test' AND s.accepted) AS tried,
              ARRAY(SELECT DISTINCT t.slug FROM public.sso_traces s JOIN public.tenants t ON t.id = s.tenant_id
                     WHERE s.purpose = 'login' AND s.accepted) AS "signedOut",
              EXISTS (SELECT FROM public.scim_tokens) AS token,
              EXISTS (SELECT FROM public.users WHERE email = $1 AND NOT active) AS synced`,
      [synced],
    )
    return rows[0]!
  } finally {
    await reader.end()
  }
}
