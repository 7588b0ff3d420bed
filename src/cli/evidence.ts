import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { OnboardError } from '../errors.ts'
import { evidenceBytes, listEvidence, type Handed } from '../journal/evidence.ts'

/**
 * The file of an onboarding whose digest begins so, with its bytes. Throws usage where there is none or several,
 * conflict where the bytes are gone, verification where they are not those that were handed in.
 */
export async function findEvidence(
  client: Client, { id, key }: { readonly id: string; readonly key: string }, beginning: string,
): Promise<{ readonly about: Handed; readonly bytes: Uint8Array }> {
  const suggestions = [`onboard evidence list ${key}`]
  const wanted = beginning.toLowerCase()
  const all = await listEvidence(client, id)
  const found = /^[0-9a-f]{6,64}$/.test(wanted) ? all.filter(({ digest }) => digest.startsWith(wanted)) : []
  const [about] = found
  if (about === undefined) {
    const message = `${key} has no evidence whose digest begins with '${beginning}' (6 digits at least)`
    throw new OnboardError('usage', 'unknown-evidence', message, { suggestions })
  }
  if (found.some(({ digest }) => digest !== about.digest)) {
    const message = `${key} has several files whose digest begins with '${beginning}'`
    throw new OnboardError('usage', 'ambiguous-evidence', message, { suggestions })
  }
  const bytes = await evidenceBytes(client, about.digest)
  if (bytes === undefined) {
    const message = `the bytes of ${about.digest} are not in this database any more`
    throw new OnboardError('conflict', 'evidence-gone', message, { suggestions: [`onboard audit verify ${key}`] })
  }
  if (createHash('sha256').update(bytes).digest('hex') !== about.digest) {
    throw new OnboardError(
      'verification', 'evidence-differs', `what is stored as ${about.digest} is not what was handed in`,
      { suggestions: [`onboard audit verify ${key}`] },
    )
  }
  return { about, bytes }
}
