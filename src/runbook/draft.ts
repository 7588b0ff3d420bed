/** A runbook while it is being read: as much of it as could be understood, each part with its place. */
import type { RunbookFiles } from './files.ts'
import type { Diagnostic, Position } from '../errors.ts'
import type { Parsed } from '../input/document.ts'
import { find, type Path } from '../input/tree.ts'
import type { ActionSchemas, Json, Milestone, Phase, Schema, Step } from '../model.ts'
import { nearest } from '../input/nearest.ts'

export interface DraftStep {
  readonly step: Step
  /** Of the step in its file. */
  readonly path: Path
  readonly phase: DraftPhase
}

export interface DraftPhase {
  readonly phase: Phase
  readonly document: Parsed
  readonly procedure: boolean
  readonly steps: DraftStep[]
}

export interface Draft {
  readonly document: Parsed
  readonly roles: readonly string[]
  readonly phases: readonly DraftPhase[]
  readonly milestones: readonly { readonly milestone: Milestone; readonly path: Path }[]
  /** As written: what is no number yet is still a text. */
  readonly thresholds: readonly { readonly written: Readonly<Record<string, Json | undefined>>; readonly path: Path }[]
  /** Files of the runbook that are no YAML, by path: its templates. */
  readonly others: ReadonlyMap<string, { readonly file: string; readonly text: () => string }>
  /** What the templates that steps name need. */
  readonly templates: RunbookFiles['templates']
  readonly templateNames: readonly string[]
  /** As expressions see them. */
  readonly inputs: Readonly<Record<string, Schema>>
  readonly actions: ActionSchemas
  /** Names of all actions there are, also of those of which nothing more is known here. */
  readonly actionNames: readonly string[]
  readonly findings: Findings
}

/** Where a rule puts what it has found. */
export class Findings {
  readonly all: Diagnostic[] = []

  /** About the value at a path, or the key where `on` says so. */
  say(document: Parsed, path: Path, rule: string, message: string, on: 'value' | 'key' = 'value'): void {
    this.at(placeOf(document, path, on), rule, message)
  }

  at(position: Position, rule: string, message: string, severity: 'error' | 'warning' = 'error'): void {
    this.all.push({ ...position, rule, message, severity })
  }
}

/** Position of the value at a path, or of its key. */
export function placeOf(document: Parsed, path: Path, on: 'value' | 'key' = 'value'): Position {
  const { offset, node } = find(document.tree, path)
  return document.position(on === 'key' ? offset : (node?.offset ?? offset))
}

/** `; did you mean 'x'?`, or nothing. */
export function meant(name: string, names: Iterable<string>): string {
  const found = nearest(name, names)
  return found === undefined || found === name ? '' : `; did you mean '${found}'?`
}

/** One rule: looks at the whole draft and says all that it finds. */
export type Rule = (draft: Draft) => void
