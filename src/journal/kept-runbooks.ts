/** Pinned runbooks that a process keeps while it runs many commands: what has a digest never changes. */
import type { Runbook } from '../model.ts'
import type { PinnedRunbook } from '../onboarding/intake-store.ts'

let compiled: Map<string, Runbook> | undefined
let files: Map<string, PinnedRunbook['files']> | undefined

/** From now on this process reads a pinned runbook once, whatever the command. */
export function keepRunbooks(): void {
  compiled ??= new Map()
  files ??= new Map()
}

/** By digest; undefined: none are kept. */
export const keptRunbooks = (): Map<string, Runbook> | undefined => compiled

/** By digest, all that a runbook pins; undefined: none are kept. */
export const keptFiles = (): Map<string, PinnedRunbook['files']> | undefined => files
