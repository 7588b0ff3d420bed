import { steadyStatus } from '../onboarding/status.ts'
import type { Context } from './context.ts'
import { keptSummaries } from './kept-summaries.ts'
import { summaryOf, type Summary } from './views/statuses.ts'

/** From so many on, what was seen on the same day is kept: below, looking again is as quick. */
const MANY = 100

/** A line for every onboarding of the database, by name. */
export async function allStatuses(context: Context): Promise<readonly Summary[]> {
  let kept: Awaited<ReturnType<typeof keptSummaries>> | undefined
  let stamps: ReadonlyMap<string, string> = new Map()
  const found: Summary[] = []
  const looks = context.glances(async (work) => {
    const { status, until } = await steadyStatus(work)
    const summary = summaryOf(status)
    kept?.put(work.onboarding.id, stamps.get(work.onboarding.id) ?? '', summary, until)
    return summary
  }, async (reader, count) => {
    if (count < MANY) return () => undefined
    const { stampsOf } = await import('../journal/stamps.ts')
    stamps = await stampsOf(reader)
    const settings = [await context.config(), await context.distrust()]
    const { database = '' } = context.about()
    kept = await keptSummaries({ database, settings, now: await context.now(), today: await context.today() }, context.io.env)
    return (id) => kept?.get(id, stamps.get(id) ?? '')
  })
  for await (const one of looks) found.push(one)
  await kept?.save()
  return found
}
