import { OnboardError } from '../errors.ts'
import type { JsonObject } from '../model.ts'
import { digest } from './digest.ts'
import type { JournalEntry, Work } from './ports.ts'

/**
 * Throws a conflict where the journal names newer inputs, or another version of the runbook, than a run has read: they
 * came between its reading and its lock, and what it would bring about is out of date.
 */
export function refuseOutdated(
  { onboarding, inputs, runbook }: Pick<Work, 'onboarding' | 'inputs' | 'runbook'>, entries: readonly JournalEntry[],
): void {
  const latest = new Map<string, string>()
  let version: string | undefined
  for (const { kind, facts } of entries) {
    const inputs = Array.isArray(facts['inputs']) ? (facts['inputs'] as readonly JsonObject[]) : []
    for (const { kind: input, digest: stored } of inputs) latest.set(String(input), String(stored))
    if (kind === 'upgraded') version = String((facts['to'] as JsonObject)['digest'])
  }
  const read = { handoff: inputs.handoff, discovery: inputs.discovery }
  const newer = (['handoff', 'discovery'] as const).find(
    (kind) => latest.has(kind) && latest.get(kind) !== digest(read[kind]),
  )
  const upgraded = version !== undefined && version !== runbook.digest
  if (newer === undefined && !upgraded) return
  const what = newer === undefined ? 'its runbook was upgraded' : `its ${newer} was revised`
  throw new OnboardError('conflict', 'outdated', `${onboarding.key}: ${what} in this moment; nothing was done`, {
    suggestions: [`onboard plan ${onboarding.key}`],
  })
}
