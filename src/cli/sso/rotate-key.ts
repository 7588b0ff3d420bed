/** Changing our own key towards identity providers: the next one is published first, and signs once they know it. */
import { tables } from '../../actions/sso/_connection.ts'
import metadata from '../../actions/saml/metadata.ts'
import type { Writer } from '../../contract.ts'
import type { Head, Work } from '../../engine/ports.ts'
import { reissue } from '../../engine/reissue.ts'
import { OnboardError } from '../../errors.ts'
import type { StepKey } from '../../model.ts'

export interface RotatedKey {
  readonly onboarding: string
  readonly outcome: 'published' | 'finished' | 'unchanged'
  readonly head: Head | null
}

type Seen = Awaited<ReturnType<typeof metadata.check>>

/**
 * `publish`: makes the next key, unless there is one; `finish`: it signs from now on, and the one before only decrypts.
 * @throws OnboardError usage where the runbook makes no key, waiting where none was made, or none to change to
 */
export async function rotateKey(work: Work, does: 'publish' | 'finish'): Promise<RotatedKey> {
  const onboarding = work.onboarding.key
  const [key] = work.runbook.phases.flatMap(
    ({ id, steps }) => steps.filter(({ uses }) => uses === 'saml.metadata').map(
      (step): StepKey => ({ phase: id, step: step.id, instance: '' }),
    ),
  )
  if (key === undefined) {
    throw new OnboardError('usage', 'no-such-step', `The runbook of ${onboarding} makes no key of ours.`, {
      suggestions: [`onboard status ${onboarding}`],
    })
  }
  const done = await reissue<Seen>(work, key, {
    did: 'rotated', issues: false,
    apply: async (write, input: { readonly tenant: string }, seen) => (
      does === 'finish' ? finish(write, seen, onboarding) : publish(write, input, seen)
    ),
  })
  if (done === null) return { onboarding, outcome: 'unchanged', head: null }
  return { onboarding, outcome: does === 'finish' ? 'finished' : 'published', head: done.head }
}

const LIVE = 'tenant_id = $1::uuid AND retired_at IS NULL'

async function publish(write: Writer, input: { readonly tenant: string }, seen: Seen): Promise<boolean> {
  const [row] = await write.many<{ live: number }>(
    `SELECT count(*)::int AS live FROM ${tables(write).keys} WHERE ${LIVE}`, [seen.tenant],
  )
  if ((row?.live ?? 0) > 1) return false
  await metadata.reissue?.(write, input as never, seen)
  return true
}

async function finish(write: Writer, { tenant, key }: Seen, customer: string): Promise<boolean> {
  const { keys } = tables(write)
  const rows = await write.run(
    `UPDATE ${keys} SET retired_at = onboard.now()
      WHERE id = $2::uuid AND ${LIVE}
        AND EXISTS (SELECT 1 FROM ${keys} o
                     WHERE o.tenant_id = $1::uuid AND o.retired_at IS NULL AND o.id <> $2::uuid)`,
    [tenant, key?.id ?? null],
  )
  if (rows === 1) return true
  const message = 'There is no next key to change to: it is published first, '
    + 'and the identity provider reads our metadata.'
  throw new OnboardError('waiting', 'no-next-key', message, { suggestions: [`onboard sso rotate ${customer}`] })
}
