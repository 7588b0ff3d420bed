import { datedPhases, lastingLook, type DatedPhase } from '../onboarding/lasting.ts'
import { summariesOn, type Summary } from '../onboarding/summary.ts'
import type { Context } from './context.ts'
import { keptLooks, type KeptLook, type KeptLooks } from './kept-looks.ts'

/** From so many on, what was seen is kept: below, looking again is as quick. */
const MANY = 100

/** A line for every onboarding of the database, by name. */
export async function allStatuses(context: Context): Promise<readonly Summary[]> {
  let kept: KeptLooks | undefined
  let stamps: ReadonlyMap<string, string> = new Map()
  const dated = new Map<string, readonly DatedPhase[]>()
  const looks = context.glances(async (work) => {
    const { id, runbook: { digest } } = work.onboarding
    const phases = dated.get(digest) ?? datedPhases(work.runbook.phases)
    dated.set(digest, phases)
    const look: KeptLook = { ...(await lastingLook(work)), runbook: digest, phases }
    kept?.put(id, stamps.get(id) ?? '', look)
    return look
  }, async (reader, count) => {
    if (count < MANY) return () => undefined
    const { stampsOf } = await import('../journal/stamps.ts')
    stamps = await stampsOf(reader)
    const settings = [await context.config(), await context.distrust()]
    const { database = '' } = context.about()
    kept = await keptLooks({ database, settings, now: await context.now(), today: await context.today() }, context.io.env)
    return (id) => kept?.get(id, stamps.get(id) ?? '')
  })
  const found: KeptLook[] = []
  for await (const one of looks) found.push(one)
  await kept?.save()
  const summary = summariesOn(await context.today(), (await context.config()).holidays ?? [])
  return found.map(({ lasting, phases }) => summary(lasting, phases))
}
