/**
 * The schemas that a workspace keeps for editors: the shipped ones, its own before them, phases with its own actions.
 */
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ActionCatalogue } from '../actions/catalogue.ts'
import type { ActionSchema, Schema } from '../model.ts'
import { packageRoot } from '../package.ts'
import { editorSchema, laidOut } from '../runbook/editor-schema.ts'

const NAMES = ['config', 'handoff', 'discovery', 'runbook', 'runbook-test', 'phase'] as const
const FOLDER = '.onboard/schemas'

export interface EditorSchemas {
  /** By name: `phase`. */
  readonly texts: ReadonlyMap<string, string>
  /** Actions that could not be loaded, and why. */
  readonly broken: readonly { readonly action: string; readonly message: string }[]
}

/** What an editor is to know of a workspace in this folder, with these actions. */
export async function editorSchemas(dir: string, catalogue: ActionCatalogue): Promise<EditorSchemas> {
  const texts = new Map<string, string>()
  for (const name of NAMES) {
    const isOfInputs = name === 'handoff' || name === 'discovery'
    const own = isOfInputs ? await text(join(dir, 'schemas', `${name}.schema.json`)) : undefined
    texts.set(name, own ?? (await readFile(join(packageRoot, 'schemas', `${name}.schema.json`), 'utf8')))
  }
  const actions = new Map<string, ActionSchema>()
  const broken: { action: string; message: string }[] = []
  for (const name of catalogue.names()) {
    try {
      for (const [known, schema] of await catalogue.schemas([name])) actions.set(known, schema)
    } catch (error) {
      broken.push({ action: name, message: error instanceof Error ? error.message : String(error) })
      const title = 'An action of this workspace that could not be loaded.'
      actions.set(name, { kind: 'effect', title, example: {}, input: {}, output: {} })
    }
  }
  texts.set('phase', `${laidOut(editorSchema(JSON.parse(texts.get('phase') ?? '{}') as Schema, actions))}\n`)
  return { texts, broken }
}

/** Writes them anew where `onboard init` has put them before; gives the names of those that differed. */
export async function refreshEditorSchemas(dir: string, { texts }: EditorSchemas): Promise<readonly string[]> {
  if (!(await stat(join(dir, FOLDER)).then((about) => about.isDirectory(), () => false))) return []
  const changed: string[] = []
  for (const [name, wanted] of texts) {
    const file = join(dir, FOLDER, `${name}.schema.json`)
    if ((await text(file)) === wanted) continue
    await writeFile(`${file}.${process.pid}`, wanted)
    await rename(`${file}.${process.pid}`, file)
    changed.push(name)
  }
  return changed
}

const text = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined)
