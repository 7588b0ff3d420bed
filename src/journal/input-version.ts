import type { Client } from 'pg'
import type { JsonObject } from '../model.ts'
import type { InputKind } from '../onboarding/intake-store.ts'

/** An input as it was handed in at one time. */
export interface InputVersion {
  readonly version: number
  /** ISO 8601 instant. */
  readonly given_at: string
  readonly digest: string
  readonly document: JsonObject
  readonly source: Uint8Array
}

/** One version of an input; undefined where there is none of that number. */
export async function inputVersion(
  client: Client, onboarding: string, kind: InputKind, version: number,
): Promise<InputVersion | undefined> {
  const { rows } = await client.query<InputVersion>(
    `SELECT version, document, digest, source,
            to_char(given_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS given_at
       FROM onboard.input WHERE onboarding = $1 AND kind = $2 AND version = $3`, [onboarding, kind, version])
  return rows[0]
}
