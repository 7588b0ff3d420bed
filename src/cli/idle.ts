/** Onboardings that wait for nobody, by what was kept of earlier looks: whoever asks for tasks need not look at them. */
import type { Lasting } from '../onboarding/kept.ts'
import type { Context } from './context.ts'
import { keptLooks, type KeptLooks } from './kept-looks.ts'

export interface Looks {
  readonly stamped: readonly { readonly id: string; readonly stamp: string }[]
  readonly kept: KeptLooks
}

/** Every onboarding with the stamp that it has now, and what was kept of looks at them. */
export async function looksOf(context: Context): Promise<Looks> {
  const stamped = await context.connected('reader', async (reader) => (await import('../journal/stamps.ts')).stampsOf(reader))
  const config = await context.config()
  const [today, now, distrust] = [await context.today(), await context.now(), await context.distrust()]
  const { database = '' } = context.about()
  return { stamped, kept: await keptLooks({ database, settings: [config, distrust, context.io.env['ONBOARD_HOME'] ?? null], now, today }, context.io.env) }
}

/** Ids of those in which no step waits for a person, is ready, or is blocked by something that a person could mend. */
export async function idleOnes(context: Context): Promise<ReadonlySet<string>> {
  const { stamped, kept } = await looksOf(context)
  return new Set(stamped.flatMap(({ id, stamp }) => {
    const look = kept.get(id, stamp)
    return look !== undefined && isIdle(look.lasting) ? [id] : []
  }))
}

function isIdle({ state, signs, waiting }: Lasting): boolean {
  if (state === 'done' || state === 'cancelled') return true
  const restless = signs === null || signs.failed > 0 || signs.blocked > 0 || signs.procedures.length > 0
  return state === 'waiting' && waiting.length === 0 && !restless
}
