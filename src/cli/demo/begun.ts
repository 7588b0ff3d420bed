import type { Database } from '../../database/open.ts'

/** What the demo has told in an earlier run. */
export interface Told {
  /** The day on which its first onboarding was opened, `YYYY-MM-DD`; null: none yet. */
  readonly since: string | null
  /** The second customer's go-live was taken back: what comes before that cannot be told again. */
  readonly rolledBack: boolean
  /** What people and machines of the first customer have done. */
  readonly password: boolean
  readonly tried: boolean
  readonly signedOut: boolean
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
              EXISTS (SELECT FROM public.users WHERE email = 'tom@acme.example' AND totp_confirmed_at IS NOT NULL) AS password,
              EXISTS (SELECT FROM public.sso_traces WHERE purpose = 'test' AND accepted) AS tried,
              EXISTS (SELECT FROM public.sessions WHERE method = 'saml' AND ended_why = 'logout') AS "signedOut",
              EXISTS (SELECT FROM public.scim_tokens) AS token,
              EXISTS (SELECT FROM public.users WHERE email = $1 AND NOT active) AS synced`,
      [synced],
    )
    return rows[0]!
  } finally {
    await reader.end()
  }
}
