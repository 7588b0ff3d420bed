import { cancellationOf } from '../engine/cancelled.ts'
import type { Work } from '../engine/ports.ts'
import { undoAll } from '../engine/undo-all.ts'
import { eraseOnboarding, markCancelled } from '../journal/cancel.ts'
import { exportOnboarding } from '../journal/export.ts'
import type { CancelWorld } from '../onboarding/cancel.ts'
import type { Context } from './context.ts'
import { writeExport } from './write-export.ts'

/**
 * What an entry may be that follows an export and still leaves it whole:
 * of taking back what was made, and of that alone.
 */
const OF_PURGING: readonly string[] = ['undone', 'failed', 'cancelled', 'unlocked']

/** Cancelling, wired; `folder` is where an export goes, as it was typed. */
export async function cancelWorld(context: Context, work: Work, folder: string): Promise<CancelWorld> {
  const { onboarding, actor } = work
  const { entries } = await work.reading(async (_read, look) => look)
  /** Is the journal's entry `seq` this one still, and was nothing made since? */
  const follows = async ({ seq, hash }: { seq: number; hash: string }): Promise<boolean> => {
    const now = await work.reading(async (_read, look) => look.entries)
    return now[seq - 1]?.hash === hash && now.slice(seq).every(({ kind }) => OF_PURGING.includes(kind))
  }
  return {
    onboarding: onboarding.key,
    actor,
    cancellation: cancellationOf(entries),
    mark: (state, entry) => context.connected('app', (client) => markCancelled(client, onboarding, state, entry)),
    keep: () => writeExport(
      { path: context.path(folder), shown: folder }, onboarding,
      () => context.connected('app', (client) => exportOnboarding(client, onboarding)), follows),
    undoAll: () => undoAll(work),
    erase: () => context.connected('app', (client) => eraseOnboarding(client, onboarding)),
  }
}
