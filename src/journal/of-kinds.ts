import type { Client } from 'pg'
import type { EntryKind, JournalEntry } from '../engine/ports.ts'
import { ENTRY, entryOf, type Stored } from './entries.ts'

/** The entries of these kinds by chain, oldest first: of these chains, or of all, with one question. */
export async function entriesOfKinds(
  client: Client, kinds: readonly EntryKind[], chains: readonly string[] | null = null,
): Promise<ReadonlyMap<string, readonly JournalEntry[]>> {
  const { rows } = await client.query<Stored & { chain: string }>(
    `SELECT j.chain, ${ENTRY},
            (SELECT jsonb_object_agg(d.name, d.value) FROM onboard.journal_detail d
              WHERE d.chain = j.chain AND d.seq = j.seq) AS detail
       FROM onboard.journal j
      WHERE j.kind = ANY ($1::text[]) AND ($2::uuid[] IS NULL OR j.chain = ANY ($2::uuid[]))
      ORDER BY j.chain, j.seq`, [kinds, chains])
  const found = new Map<string, JournalEntry[]>()
  for (const row of rows) {
    const entries = found.get(row.chain) ?? []
    entries.push(entryOf(row))
    found.set(row.chain, entries)
  }
  return found
}
