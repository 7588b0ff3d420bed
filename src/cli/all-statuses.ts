import { datedPhases, lastingLook, type DatedPhase } from '../onboarding/lasting.ts'
import { summariesOn, type Summary } from '../onboarding/summary.ts'
import type { Context } from './context.ts'
import { keptLooks, type KeptLooks } from './kept-looks.ts'

/** From so many on, what was seen is kept: below, looking again is as quick. */
const MANY = 100

/** A line for every onboarding of the database, by name. */
export async function allStatuses(context: Context): Promise<readonly Summary[]> {
  let kept: KeptLooks | undefined
  let stamps: ReadonlyMap<string, string> = new Map()
  const dated = new Map<string, readonly DatedPhase[]>()
  const summary = summariesOn(await context.today(), (await context.config()).holidays ?? [])
  const looks = context.glances(async (work) => {
    const { id, runbook: { digest } } = work.onboarding
    const phases = dated.get(digest) ?? datedPhases(work.runbook.phases)
    dated.set(digest, phases)
    const look = { ...(await lastingLook(work)), runbook: digest, phases }
    kept?.put(id, stamps.get(id) ?? '', look)
    return summary(look.lasting, phases)
  }, async (reader, count) => {
    if (count < MANY) return () => undefined
    const { stampsOf } = await import('../journal/stamps.ts')
    stamps = await stampsOf(reader)
    const settings = [await context.config(), await context.distrust()]
    const { database = '' } = context.about()
    kept = await keptLooks({ database, settings, now: await context.now(), today: await context.today() }, context.io.env)
    const told = new Map<string, Summary>()
    for (const [id, stamp] of stamps) {
      const look = kept.get(id, stamp)
      if (look) told.set(id, summary(look.lasting, look.phases))
    }
    return (id) => told.get(id)
  })
  const found: Summary[] = []
  for await (const one of looks) found.push(one)
  await kept?.save()
  return found
}
