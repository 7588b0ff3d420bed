import type { ActionCatalogue } from '../actions/catalogue.ts'
import type { ActionSchemas } from '../model.ts'
import type { RunbookFiles } from '../runbook/files.ts'

/** What the checker is told of actions. */
export interface KnownActions {
  /** Of each whose name stands in one of the phases: no code is loaded that nobody uses. */
  readonly schemas: ActionSchemas
  /** Of all. */
  readonly names: readonly string[]
}

/** The actions that a runbook may use. Its phases are not read yet, so any word in them may be the name of one. */
export async function knownActions({ root, files }: RunbookFiles, catalogue: ActionCatalogue): Promise<KnownActions> {
  const names = catalogue.names()
  const words = new Set<string>()
  for (const [path, bytes] of files) {
    if (!path.startsWith(`${root}/phases/`)) continue
    for (const [word] of new TextDecoder().decode(bytes).matchAll(/[\w-]+(?:\.[\w-]+)*/g)) words.add(word)
  }
  return { schemas: await catalogue.schemas(names.filter((name) => words.has(name))), names }
}
