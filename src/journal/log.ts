import type { Client } from 'pg'
import type { JsonObject, StepKey } from '../model.ts'
import { readJournal } from './entries.ts'

/** One journal entry as `audit log` shows it. */
export interface LogEntry {
  readonly seq: number
  readonly at: string
  readonly kind: string
  readonly key: StepKey | null
  readonly run: string | null
  readonly session_user: string
  readonly hash: string
  readonly facts: JsonObject
  readonly detail: JsonObject
  readonly erased: readonly string[]
}

/** An onboarding's journal, oldest first: all of it, or its last `limit` entries. */
export async function readLog(client: Client, chain: string, limit: number | null): Promise<readonly LogEntry[]> {
  const { entries } = await readJournal(client, chain, 'whole')
  return (limit === null ? entries : entries.slice(-limit)).map(({ seq, at, kind, key, run, session_user, hash, facts, detail, erased }) => (
    { seq, at, kind, key, run, session_user, hash, facts, detail, erased }
  ))
}
