import { OnboardError } from '../errors.ts'
import type { Cancellation } from '../engine/cancelled.ts'
import type { Entry, Head } from '../engine/ports.ts'
import type { Unmade } from '../engine/undo-all.ts'
import type { Actor } from '../model.ts'

export type CancelState = 'cancelled' | 'withdrawn' | 'purged'

/** What cancelling needs of the database and of the folder that the export goes to. */
export interface CancelWorld {
  readonly onboarding: string
  readonly actor: Actor
  /** The cancellation that lasts. */
  readonly cancellation: Cancellation | null
  mark(state: CancelState, entry: Pick<Entry, 'facts' | 'detail'>): Promise<Head>
  /** Everything that is kept of it, put where a person can find it; the same again where it is there already. */
  keep(): Promise<KeptExport>
  undoAll(): Promise<Unmade>
  /** Gives the number of values. */
  erase(): Promise<number>
}

export interface KeptExport {
  /** The folder, as it was named. */
  readonly folder: string
  /** sha256 (hex) of its manifest. */
  readonly digest: string
  readonly files: number
  readonly outcome: 'written' | 'unchanged'
}

export interface CancelResult {
  readonly onboarding: string
  readonly outcome: 'cancelled' | 'purged' | 'withdrawn' | 'erased' | 'failed' | 'unchanged'
  readonly reason: string | null
  readonly export: KeptExport | null
  /** What taking back what was made did, step by step. */
  readonly undone: Unmade['steps']
  /** What it left, and why. */
  readonly left: Unmade['left']
  /** Values of persons that were erased; null: not asked for. */
  readonly erased: number | null
}

export interface CancelWish {
  readonly reason: string | null
  readonly purge: boolean
  readonly erase: boolean
}

/** Gives an onboarding up. What it made stays, unless it is purged. The same again changes nothing. */
export async function cancel(
  world: CancelWorld, { reason, purge, erase }: CancelWish,
): Promise<CancelResult & { readonly exit: number }> {
  const { onboarding, cancellation, actor } = world
  const about = { onboarding, reason: cancellation?.reason ?? reason, export: null, undone: [], left: [], erased: null }
  if (cancellation === null) {
    if ((reason ?? '').trim() === '') {
      throw new OnboardError(
        'usage', 'reason-missing', `say why ${onboarding} is cancelled: it enters the journal`,
        { suggestions: [`onboard cancel ${onboarding} --reason TEXT`] },
      )
    }
    await world.mark('cancelled', { facts: {}, detail: { reason, actor: { ...actor } } })
  }
  if (!purge) return { ...about, outcome: cancellation === null ? 'cancelled' : 'unchanged', exit: 0 }
  const purged = cancellation?.purged_at ? { ...about, exit: 0 } : await purgeOnce(world, about)
  const done = !cancellation?.purged_at
  if (purged.exit !== 0) return { ...purged, outcome: 'failed' }
  const erased = erase ? await world.erase() : null
  return { ...purged, erased, outcome: done ? 'purged' : (erased ?? 0) > 0 ? 'erased' : 'unchanged' }
}

type Unnamed = Omit<CancelResult, 'outcome'>

/** Export, take back, note it: in this order, so that each can be done again where the one after it was not reached. */
async function purgeOnce(world: CancelWorld, about: Unnamed): Promise<Unnamed & { exit: number }> {
  const kept = await world.keep()
  const { steps, left, exit } = await world.undoAll()
  if (exit === 0) {
    await world.mark('purged', {
      facts: { export: kept.digest, left: left.map(({ step }) => step) },
      detail: { left, actor: { ...world.actor } },
    })
  }
  return { ...about, export: kept, undone: steps, left, exit }
}

/** It goes on after all. Throws where what it had made was taken back already. */
export async function withdrawCancellation(
  { onboarding, cancellation, actor, mark }: CancelWorld,
): Promise<CancelResult> {
  const about = { onboarding, reason: cancellation?.reason ?? null, export: null, undone: [], left: [], erased: null }
  if (cancellation === null) return { ...about, outcome: 'unchanged' }
  if (cancellation.purged_at !== null) {
    throw new OnboardError(
      'conflict', 'purged', `${onboarding} was purged on ${cancellation.purged_at.slice(0, 10)}: it does not go on`,
      { suggestions: ['onboard handoff accept --file FILE --name NAME'] },
    )
  }
  await mark('withdrawn', { facts: {}, detail: { actor: { ...actor } } })
  return { ...about, outcome: 'withdrawn' }
}
