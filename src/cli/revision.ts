import type { Work } from '../engine/ports.ts'
import type { InputKind } from '../onboarding/intake-store.ts'
import type { Revised, Revision } from '../onboarding/revise.ts'
import type { GivenVersion } from '../onboarding/revise-sources.ts'
import type { Context } from './context.ts'

export type StoredInputs = Readonly<Record<InputKind, GivenVersion | null>>

/** The latest version of each input of an onboarding, with the bytes that were handed in. */
export async function storedInputs(context: Context, work: Work): Promise<StoredInputs> {
  const { inputSource } = await import('../journal/onboardings.ts')
  return context.connected('reader', async (client) => ({
    handoff: await inputSource(client, work.onboarding.id, 'handoff'),
    discovery: await inputSource(client, work.onboarding.id, 'discovery'),
  }))
}

/** Revises an onboarding's inputs, or only says what that would do. */
export async function reviseInputs(
  context: Context,
  given: Pick<Revision, 'work' | 'stored' | 'handoff' | 'discovery' | 'reason' | 'again'>,
  dryRun: boolean,
): Promise<Revised> {
  const { planRevision, revise } = await import('../onboarding/revise.ts')
  const { createIntakeStore } = await import('../journal/onboardings.ts')
  const revision = { ...given, config: await context.config(), today: await context.today() }
  if (dryRun) return (await planRevision(revision)).revised
  return context.connected('app', (client) => revise(revision, createIntakeStore(client)))
}
