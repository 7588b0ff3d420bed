import { randomUUID } from 'node:crypto'
import { OnboardError } from '../errors.ts'
import type { Writer } from '../contract.ts'
import type { Json, StepKey } from '../model.ts'
import { idempotencyKey, keyText } from './keys.ts'
import type { Head, Issued, Work } from './ports.ts'
import { foldRecords } from './records.ts'

export interface Reissued {
  readonly onboarding: string
  readonly key: StepKey
  /** Names of the secrets that are new; the old ones do not work any more. */
  readonly secrets: readonly string[]
  readonly head: Head
}

/** Something else that is done to a step's secrets than replacing them. */
export interface SecretChange<Seen> {
  /** As the journal says it: `rotated`, `revoked`. */
  readonly did: string
  /** Whether it makes a new one, which must have somewhere to go. */
  readonly issues: boolean
  /** false: there was nothing to do, and nothing is journaled. */
  apply(write: Writer, input: never, seen: Seen): Promise<boolean>
}

/**
 * Replaces a step's lost secret by a new one and revokes the old, or makes another change of its secrets, in one
 * transaction with its entry. Gives null where there was nothing to do. Throws: nowhere to put the secret (usage), a
 * step that issues none (usage), one that was not done (waiting), locked (conflict).
 */
export async function reissue(work: Work, key: StepKey): Promise<Reissued>
export async function reissue<Seen>(work: Work, key: StepKey, change: SecretChange<Seen>): Promise<Reissued | null>
export async function reissue(work: Work, key: StepKey, change?: SecretChange<never>): Promise<Reissued | null> {
  const name = keyText(key)
  const step = work.runbook.phases.find((p) => p.id === key.phase)?.steps.find((s) => s.id === key.step)
  const action = step && (await work.catalogue.load(step.uses))
  if (action?.kind !== 'effect' || !action.reissue) {
    throw new OnboardError(
      'usage', 'no-secret', `${name} issues no secret that could be issued anew`,
      { suggestions: [`onboard status ${work.onboarding.key}`] },
    )
  }
  if (change?.issues !== false) await work.secrets.ready()
  const run = randomUUID()
  const session = await work.session(run)
  try {
    const done = foldRecords((await session.look('whole')).entries).get(name)?.done
    if (!done) {
      throw new OnboardError('waiting', 'not-done', `${name} was not done yet, so there is no secret to replace`, {
        suggestions: [`onboard apply ${work.onboarding.key}`],
      })
    }
    const idempotency = idempotencyKey(work.onboarding, key)
    const issued: Issued[] = []
    await session.begin(step?.timeout_ms ?? null)
    try {
      const reader = session.reader(idempotency)
      const input = done.detail['input'] as never
      const seen = await action.check(reader, input)
      const writer = session.writer(idempotency, (secret, value, more) => issued.push({ name: secret, value, ...more }))
      const isDone = await session.write(async () => {
        if (change !== undefined) return change.apply(writer, input, seen)
        await action.reissue?.(writer, input, seen)
        return true
      })
      if (!isDone) {
        await session.rollback()
        return null
      }
      const after = await action.check(reader, input)
      if (issued.length > 0) await work.secrets.deliver(issued.map((secret) => ({ key, ...secret })))
      work.reached?.(`reissue ${name} delivered`)
      const secrets = issued.map((s) => s.name)
      const facts = { uses: String(step?.uses), secrets, ...(change === undefined ? {} : { did: change.did }) }
      const head = await session.commit({ kind: 'reissued', key, run, facts, detail: { after: after as Json } })
      return { onboarding: work.onboarding.key, key, secrets, head }
    } catch (error) {
      await session.rollback()
      throw error
    }
  } finally {
    await session.close()
  }
}
