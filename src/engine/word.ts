import type { Answer } from '../model.ts'
import type { JournalEntry } from './ports.ts'

/**
 * Whose word a sign-off is, and who recorded it where that was somebody else:
 * `signed by Lea Novak as legal, recorded by Eva Weber`;
 * null where the entry has no signer.
 */
export function signedBy({ detail, erased }: JournalEntry): string | null {
  if (erased.includes('answer')) return 'signed; the signer was erased on request'
  const answer = detail['answer'] as unknown as Answer | undefined
  if (answer === undefined) return null
  const { signer, role, recorder } = answer
  const own =
    recorder.email === null
      ? recorder.name === signer.name
      : recorder.email.toLowerCase() === signer.email.toLowerCase()
  return `signed by ${signer.name} as ${role}${own ? '' : `, recorded by ${recorder.name}`}`
}
