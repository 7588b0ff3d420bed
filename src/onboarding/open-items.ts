import type { JournalEntry, Work } from '../engine/ports.ts'
import { assignedOf } from './assigned.ts'
import type { Config } from './config.ts'
import { keptRunbook } from './kept.ts'
import { lastingLook } from './lasting.ts'
import { contactsOf } from './people.ts'
import { itemsOn, type OpenItem } from './tasks.ts'

/** Kinds of the entries that say whose a step is. */
export const MARKS = ['assigned'] as const

/**
 * What is open in one onboarding, in no particular order; nothing where it was cancelled. `marks` are the entries of
 * its journal that say whose a step is.
 */
export async function openItems(work: Work, marks: readonly JournalEntry[]): Promise<OpenItem[]> {
  const { onboarding, runbook, inputs } = work
  if (onboarding.cancelled_at) return []
  const { lasting } = await lastingLook(work)
  const [first] = contactsOf(inputs.handoff)
  const told = itemsOn({ today: String(inputs.onboarding['today']), config: inputs.config as unknown as Config })
  return told(lasting, keptRunbook(runbook), { assigned: assignedOf(marks), contact: first?.person.name ?? null })
}
