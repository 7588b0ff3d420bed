import type { Client } from 'pg'
import type { Json, JsonObject } from '../model.ts'
import { keyText } from '../engine/keys.ts'
import type { JournalEntry } from '../engine/ports.ts'
import { readJournal } from './entries.ts'

/** A file that a person handed in with their word. */
export interface Handed {
  /** sha256 (hex) of its bytes. */
  readonly digest: string
  /** As it was called; null where that was erased. */
  readonly name: string | null
  readonly size: number | null
  readonly step: string | null
  /** ISO 8601 instant. */
  readonly at: string
  readonly by: string | null
  /** Journal entry that names it. */
  readonly seq: number
}

/** The files that the journal of an onboarding names, oldest first. */
export async function listEvidence(client: Client, chain: string): Promise<Handed[]> {
  const { entries } = await readJournal(client, chain, 'brief')
  return entries.flatMap(handedIn)
}

/** The bytes of a file; undefined where they are not there. */
export async function evidenceBytes(client: Client, digest: string): Promise<Uint8Array | undefined> {
  const { rows } = await client.query<{ bytes: Buffer }>(
    'SELECT bytes FROM onboard.evidence WHERE digest = $1', [digest],
  )
  return rows[0]?.bytes
}

/** Digests stand in the chain, names and people beside it. */
function handedIn({ facts, detail, key, at, seq }: JournalEntry): Handed[] {
  const digests = (Array.isArray(facts['evidence']) ? facts['evidence'] : []).filter((one) => typeof one === 'string')
  const answer = object(detail['answer'])
  const named = (Array.isArray(answer['evidence']) ? answer['evidence'] : []).map(object)
  const signer = object(answer['signer'] ?? detail['by'])
  return digests.map((digest) => {
    const about = named.find((one) => one['digest'] === digest) ?? {}
    return {
      digest, seq, at,
      name: typeof about['name'] === 'string' ? about['name'] : null,
      size: typeof about['size'] === 'number' ? about['size'] : null,
      step: key === null ? null : keyText(key),
      by: typeof signer['name'] === 'string' ? signer['name'] : null,
    }
  })
}

function object(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}
