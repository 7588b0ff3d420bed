/** What a linter says beyond what keeps a runbook from running: each rule with a name, a reason and a level. */
import type { Parsed } from '../../input/document.ts'
import type { Path } from '../../input/tree.ts'
import type { Position } from '../../errors.ts'
import type { JsonObject } from '../../model.ts'
import type { Draft } from '../draft.ts'

export type Level = 'off' | 'warning' | 'error'

export interface LintSettings {
  /** The vendor's config as expressions see it; null where nobody has written one. */
  readonly config: JsonObject | null
  /** Levels by the name of a rule; what is not named keeps its own. */
  readonly levels: Readonly<Record<string, Level>>
  /** A go-live date to check the durations against, and the date from which there is time. */
  readonly dates: { readonly go_live: string; readonly from: string } | null
}

export interface AdviceContext {
  readonly draft: Draft
  readonly settings: LintSettings
  /** About the value at a path, or its key. */
  say(document: Parsed, path: Path, message: string, on?: 'value' | 'key'): void
  at(position: Position, message: string): void
}

/** One rule: one file. */
export interface Advice {
  readonly name: string
  readonly level: 'warning' | 'error'
  /** true: it reckons with the order of phases and steps, which there is not where they wait for one another. */
  readonly inOrder?: true
  /** What it finds, in one sentence. */
  readonly finds: string
  /** Why that is wrong, and what to write instead. */
  readonly instead: string
  check(context: AdviceContext): void
}
