import { randomUUID } from 'node:crypto'
import { idempotencyKey, keyText } from '../engine/keys.ts'
import type { Head, Work } from '../engine/ports.ts'
import { recorded } from '../engine/recorded.ts'
import { foldRecords } from '../engine/records.ts'
import { EVERYTHING, Walk } from '../engine/walk.ts'
import { OnboardError, type Diagnostic } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { UNKNOWN } from '../model.ts'
import { adoptInvalid, type AdoptFile } from './adopt-file.ts'
import { asFound, known, type AdoptedStep, type Found, type Witness } from './adopt-step.ts'

export interface Adoption extends Witness {
  readonly file: AdoptFile
  /** The file's name in messages. */
  readonly shown: string
}

export interface Adopted {
  readonly onboarding: string
  readonly outcome: 'adopted' | 'planned' | 'unchanged'
  readonly steps: readonly AdoptedStep[]
  /** The journal's head after it; null where nothing was written. */
  readonly head: Head | null
}

/**
 * Takes over what was done by hand: rows that are there, as they are, and words that were given. Changes nothing but
 * the journal; what differs from the handoff is shown, and is the next plan's. What is adopted is never undone. All
 * mistakes of the file are thrown at once (invalid), before anything is written.
 */
export async function adopt(work: Work, adoption: Adoption, dryRun: boolean): Promise<Adopted> {
  const { key } = work.onboarding
  const run = randomUUID()
  const session = dryRun ? null : await work.session(run)
  try {
    const found = await look(work, adoption, run)
    const steps = found.map(({ step }) => step)
    const entries = found.flatMap(({ entry }) => (entry === null ? [] : [entry]))
    if (entries.length === 0) return { onboarding: key, outcome: 'unchanged', steps, head: null }
    if (session === null) return { onboarding: key, outcome: 'planned', steps, head: null }
    for (const { bytes } of found.flatMap(({ files }) => files)) await work.store(bytes)
    let head: Head | null = null
    for (const entry of entries) {
      head = await session.append(entry)
      work.reached?.(`${entry.key === null ? '' : keyText(entry.key)} adopted`)
    }
    return { onboarding: key, outcome: 'adopted', steps, head }
  } finally {
    await session?.close()
  }
}

/** Goes through the runbook as if the steps of the file were done, and finds what each of them is. */
async function look(work: Work, { file, shown, ...witness }: Adoption, run: string): Promise<readonly Found[]> {
  const wrong: Diagnostic[] = []
  const found: Found[] = []
  const met = new Set<string>()
  await work.reading(async (read, { entries, now }) => {
    const walk = new Walk(work, foldRecords(entries), now, { ...EVERYTHING, beside: true }, 'journal')
    for (const turn of walk.turns()) {
      const name = keyText(turn.key)
      const past = file.steps.get(name)
      const state = await recorded(work, turn, now)
      met.add(name)
      if (past === undefined || state.state === 'settled') {
        walk.settle(turn, state.state === 'settled', state.state === 'settled' ? state.outputs : UNKNOWN)
        if (past !== undefined) found.push({ step: known(turn), entry: null, files: [], outputs: null })
        continue
      }
      try {
        const one = await asFound(work, turn, past, read(idempotencyKey(work.onboarding, turn.key)), witness, run)
        found.push(one)
        walk.settle(turn, true, one.outputs)
      } catch (error) {
        if (!(error instanceof OnboardError) || error.kind === 'bug' || error.kind === 'unreachable') throw error
        wrong.push({
          ...file.at(name), message: `${name}: ${error.message}`, rule: error.code, severity: 'error',
          field: `steps.${name}`,
        })
        walk.settle(turn, true, UNKNOWN) // those after it have mistakes of their own to tell
      }
    }
  })
  for (const name of file.steps.keys()) {
    if (met.has(name)) continue
    const near = nearest(name, [...met])
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    wrong.push({
      ...file.at(name), message: `the runbook of ${work.onboarding.key} has no step ${name}${hint}`,
      rule: 'unknown-step', severity: 'error', field: `steps.${name}`,
    })
  }
  if (wrong.length > 0) throw adoptInvalid(shown, wrong, looksFirst(work, wrong))
  return found
}

/** What has the steps looked at that stand before one of the file, and goes no further. */
function looksFirst(work: Work, wrong: readonly Diagnostic[]): readonly string[] {
  const phases = wrong.filter(({ rule }) => rule === 'not-its-turn')
    .flatMap(({ message }) => / needs ([a-z0-9_]+)\./.exec(message)?.[1] ?? [])
  return [...new Set(phases)].map((phase) => `onboard apply ${work.onboarding.key} --phase ${phase}`)
}
