/** Looks at all onboardings: those that were kept, as far as they hold, and new ones at the others. */
import type { Lasting } from '../onboarding/kept.ts'
import type { Context } from './context.ts'
import { keptLooks, type KeptLook, type KeptLooks } from './kept-looks.ts'

interface Looks {
  readonly stamped: readonly { readonly id: string; readonly stamp: string }[]
  readonly kept: KeptLooks
}

/** Tells of every onboarding of the database, by name; null: nothing. Who has not changed since an earlier look is not looked at. */
export async function eachLook<T>(context: Context, tell: (id: string, look: KeptLook) => T | null): Promise<T[]> {
  const { stamped, kept } = await looksOf(context)
  const told = new Map<string, T | null>()
  for (const { id, stamp } of stamped) {
    const look = kept.get(id, stamp)
    if (look) told.set(id, tell(id, look))
  }
  if (told.size < stamped.length) {
    const stamps = new Map(stamped.map(({ id, stamp }) => [id, stamp]))
    await lookAtOthers(context, new Set(told.keys()), (id, look) => {
      kept.put(id, stamps.get(id) ?? '', look)
      told.set(id, tell(id, look))
    })
  }
  await kept.save()
  return stamped.flatMap(({ id }) => told.get(id) ?? [])
}

async function lookAtOthers(
  context: Context, known: ReadonlySet<string>, seen: (id: string, look: KeptLook) => void,
): Promise<void> {
  const { lastingLook } = await import('../onboarding/lasting.ts')
  const { keptRunbook } = await import('../onboarding/kept.ts')
  const runbooks = new Map<string, ReturnType<typeof keptRunbook>>()
  const looks = context.glances(async (work) => {
    const { id, runbook: { digest } } = work.onboarding
    const runbook = runbooks.get(digest) ?? keptRunbook(work.runbook)
    runbooks.set(digest, runbook)
    seen(id, { ...(await lastingLook(work)), digest, runbook })
  }, { known })
  for await (const _one of looks) { /* each is told as it is seen */ }
}

/** Ids of those in which no step waits for a person, is ready, is passed over, or is blocked by something that a person could mend. */
export async function idleOnes(context: Context): Promise<ReadonlySet<string>> {
  const { stamped, kept } = await looksOf(context)
  return new Set(stamped.flatMap(({ id, stamp }) => {
    const look = kept.get(id, stamp)
    return look !== undefined && isIdle(look.lasting) ? [id] : []
  }))
}

function isIdle({ waiting, open, waived }: Lasting): boolean {
  return waiting.length + open.length + waived.length === 0
}

/** Every onboarding with the stamp that it has now, and what was kept of looks at them. */
async function looksOf(context: Context): Promise<Looks> {
  const stamped = await context.connected('reader', async (reader) => (await import('../journal/stamps.ts')).stampsOf(reader))
  const config = await context.config()
  const [today, now, distrust] = [await context.today(), await context.now(), await context.distrust()]
  const { database = '' } = context.about()
  return { stamped, kept: await keptLooks({ database, settings: [config, distrust, context.io.env['ONBOARD_HOME'] ?? null], now, today }, context.io.env) }
}
