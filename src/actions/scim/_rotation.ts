/** What becomes of a tenant's SCIM tokens between being issued and running out. */
import type { Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { scimTables } from './_tables.ts'

/** A token that opens the endpoint now. */
export interface Live {
  readonly id: string
  readonly prefix: string
  readonly expires_at: string
}

/** Lets the tokens that are live end after the overlap, so that the directory can be given a new one meanwhile. */
export async function letEnd(write: Writer, tenant: string, overlap_days: number): Promise<void> {
  await write.run(
    `UPDATE ${scimTables(write).tokens}
        SET expires_at = least(expires_at, onboard.now() + make_interval(days => $2::int))
      WHERE tenant_id = $1::uuid AND revoked_at IS NULL AND expires_at > onboard.now()`,
    [tenant, overlap_days],
  )
}

/** Two at once are for a rotation; a third one would hide which is used. Throws conflict. */
export function mayRotate(live: readonly Live[], customer: string): void {
  if (live.length < 2) return
  throw new OnboardError(
    'conflict',
    'rotating-already',
    `${live.length} tokens are live: ${live.map((one) => one.prefix).join('…, ')}…; end the old one first`,
    {
      suggestions: [`onboard scim revoke ${customer} --old`, `onboard diagnose scim ${customer}`],
    },
  )
}

/** Which of the live tokens are meant. */
export type Meant =
  { readonly which: 'all' } | { readonly which: 'old' } | { readonly which: 'one'; readonly prefix: string }

/** Ends tokens at once. @returns whether there was one to end. Throws usage where no live one begins so. */
export async function revoke(write: Writer, live: readonly Live[], meant: Meant, customer: string): Promise<boolean> {
  const own =
    meant.which === 'all'
      ? live
      : meant.which === 'old'
        ? live.slice(0, -1)
        : live.filter((one) => one.prefix === meant.prefix)
  if (meant.which === 'one' && own.length === 0) {
    const there = live.length === 0 ? 'none is live' : `live: ${live.map((one) => one.prefix).join(', ')}`
    throw new OnboardError('usage', 'unknown-token', `no live token begins with ${meant.prefix}; ${there}`, {
      suggestions: [`onboard diagnose scim ${customer}`],
    })
  }
  if (own.length === 0) return false
  await write.run(
    `UPDATE ${scimTables(write).tokens} SET revoked_at = onboard.now()
      WHERE id = ANY ($1::uuid[]) AND revoked_at IS NULL`,
    [own.map((one) => one.id)],
  )
  return true
}
