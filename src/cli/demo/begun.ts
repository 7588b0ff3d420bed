import type { Database } from '../../database/open.ts'

/** What the demo has told in an earlier run. */
export interface Told {
  /** The day on which its first onboarding was opened, `YYYY-MM-DD`; null: none yet. */
  readonly since: string | null
  /** The second customer's go-live was taken back: what comes before that cannot be told again. */
  readonly rolledBack: boolean
}

export async function toldBefore(database: Database): Promise<Told> {
  const reader = await database.connect('reader')
  try {
    const { rows } = await reader.query<{ since: string | null; back: boolean }>(
      `SELECT to_char(min(opened_at), 'YYYY-MM-DD') AS since,
              EXISTS (SELECT FROM onboard.journal WHERE kind = 'began') AS back FROM onboard.onboarding`,
    )
    return { since: rows[0]?.since ?? null, rolledBack: rows[0]?.back === true }
  } finally {
    await reader.end()
  }
}
