import { summariesOn, type Summary } from '../onboarding/summary.ts'
import type { Context } from './context.ts'
import { looksOf } from './idle.ts'
import type { KeptLooks } from './kept-looks.ts'

/** A line for every onboarding of the database, by name. Who has not changed since an earlier look is not looked at. */
export async function allStatuses(context: Context): Promise<readonly Summary[]> {
  const { stamped, kept } = await looksOf(context)
  const summary = summariesOn(await context.today(), (await context.config()).holidays ?? [])
  const told = new Map<string, Summary>()
  for (const { id, stamp } of stamped) {
    const look = kept.get(id, stamp)
    if (look) told.set(id, summary(look.lasting, look.phases))
  }
  if (told.size < stamped.length) await lookAt(context, new Map(stamped.map(({ id, stamp }) => [id, stamp])), told, kept, summary)
  await kept.save()
  return stamped.flatMap(({ id }) => told.get(id) ?? [])
}

/** Looks at those of whom nothing is told, and keeps what was seen. */
async function lookAt(
  context: Context, stamps: ReadonlyMap<string, string>, told: Map<string, Summary>, kept: KeptLooks,
  summary: ReturnType<typeof summariesOn>,
): Promise<void> {
  const { lastingLook } = await import('../onboarding/lasting.ts')
  const { datedPhases } = await import('../onboarding/kept.ts')
  const dated = new Map<string, ReturnType<typeof datedPhases>>()
  const looks = context.glances(async (work) => {
    const { id, runbook: { digest } } = work.onboarding
    const phases = dated.get(digest) ?? datedPhases(work.runbook.phases)
    dated.set(digest, phases)
    const look = { ...(await lastingLook(work)), runbook: digest, phases }
    kept.put(id, stamps.get(id) ?? '', look)
    told.set(id, summary(look.lasting, phases))
  }, new Set(told.keys()))
  for await (const _one of looks) { /* each is told as it is seen */ }
}
