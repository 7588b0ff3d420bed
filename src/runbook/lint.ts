/** Everything that can be found wrong with a runbook without running it. */
import type { ActionSchemas } from '../model.ts'
import type { LintSettings } from './advice/advice.ts'
import { ADVICE } from './advice/index.ts'
import { type Draft, meant, placeOf } from './draft.ts'
import type { RunbookFiles } from './files.ts'
import { type Loaded, loadRunbook } from './load.ts'
import { DOCUMENTED } from './rules/documented.ts'

export type { LintSettings } from './advice/advice.ts'

export const NO_SETTINGS: LintSettings = { config: null, levels: {}, dates: null }

/** Loads a runbook and adds what each rule of advice finds, at the level that the settings give it. */
export function lintRunbook(
  source: RunbookFiles, actions: ActionSchemas, settings: LintSettings = NO_SETTINGS,
  names: readonly string[] = [...actions.keys()],
): Loaded {
  const advise = (draft: Draft): void => {
    const circles = draft.findings.all.some(({ rule }) => rule === 'cycle')
    for (const { name, level, check, inOrder } of ADVICE) {
      const wanted = settings.levels[name] ?? level
      if (wanted === 'off' || (circles && inOrder === true)) continue
      check({
        draft,
        settings,
        say: (document, path, message, on) => draft.findings.at(placeOf(document, path, on), name, message, wanted),
        at: (position, message) => draft.findings.at(position, name, message, wanted),
      })
    }
  }
  return loadRunbook(source, actions, advise, names)
}

/**
 * Of the levels that a config sets, one for what is no rule or has a fixed level, and why;
 * undefined where all are right.
 */
export function unknownLevel(levels: LintSettings['levels']): string | undefined {
  const names = ADVICE.map(({ name }) => name)
  const wrong = Object.keys(levels).find((name) => !names.includes(name))
  if (wrong === undefined) return undefined
  if (DOCUMENTED.some(({ name }) => name === wrong)) {
    return `${wrong}: a runbook could not run without this rule, its level is fixed`
  }
  return `${wrong}: there is no such rule${meant(wrong, names)}`
}
