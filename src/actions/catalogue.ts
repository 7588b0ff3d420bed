import { readdirSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Action } from '../contract.ts'
import type { Catalogue } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { ActionSchema, ActionSchemas } from '../model.ts'
import { moduleFile } from '../package.ts'

/** Actions by name, found as files: `tenant/record.ts` is `tenant.record`. Code is loaded when first asked for. */
export interface ActionCatalogue extends Catalogue {
  /**
   * What the checker and editors need to know of these actions; of all where no names are given. Unknown names are
   * left out.
   */
  schemas(names?: Iterable<string>): Promise<ActionSchemas>
}

const here = moduleFile('actions/catalogue')
/** A clone runs .ts, a packed install .js. */
const extension = here.endsWith('.ts') ? '.ts' : '.js'

/** Those of this package, by name: it does not change while it runs. */
let shipped: readonly (readonly [name: string, file: string])[] | undefined

/** Endings of a workspace's own actions. */
const OWN = ['.ts', '.js', '.mjs']

/** What is said of an action whose code may not be loaded: nothing that it takes or gives is known. */
const UNSEEN: ActionSchema = {
  kind: 'effect',
  unseen: true,
  title: 'An action of this workspace, which is not trusted: its code was not loaded.',
  example: {},
  input: {},
  output: {},
}

function notLoaded(name: string): Error {
  const message = `The action ${name} was not loaded: it is code of this workspace, which is not trusted.`
  return new OnboardError('forbidden', 'untrusted', message, { suggestions: ['onboard trust'] })
}

/**
 * @param dirs folders of a workspace's own actions, trusted by now; they come before the shipped ones, the first first
 * @param closed folders whose actions are known by name alone: their code is not loaded
 * @param refused the error that says so
 */
export function createCatalogue(
  dirs: readonly string[] = [], closed: readonly string[] = [], refused = notLoaded,
): ActionCatalogue {
  const files = new Map<string, string>()
  for (const [name, file] of (shipped ??= [...found(dirname(here), [extension])])) {
    if (file !== here) files.set(name, file)
  }
  for (const dir of dirs.toReversed()) for (const [name, file] of found(dir, OWN)) files.set(name, file)
  const shut = new Set(closed.flatMap((dir) => [...found(dir, OWN)].map(([name]) => name)))
  const loaded = new Map<string, Promise<Action>>()

  const load = async (name: string): Promise<Action | undefined> => {
    if (shut.has(name)) throw refused(name)
    const file = files.get(name)
    if (file === undefined) return undefined
    const action = loaded.get(name) ?? loadFile(name, file)
    loaded.set(name, action)
    return action
  }
  return {
    names: () => [...new Set([...files.keys(), ...shut])].sort(),
    load,
    async schemas(names = [...files.keys(), ...shut]) {
      const entries = await Promise.all(
        [...new Set(names)].sort().map(async (name) => [name, shut.has(name) ? 'shut' : await load(name)] as const),
      )
      return new Map(
        entries.flatMap(([name, action]) =>
          action === undefined ? [] : [[name, action === 'shut' ? UNSEEN : schemaOf(action)] as const],
        ),
      )
    },
  }
}

function* found(dir: string, extensions: readonly string[]): Generator<readonly [string, string]> {
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const ending = extensions.find((e) => entry.name.endsWith(e))
    if (
      !entry.isFile() ||
      ending === undefined ||
      entry.name.endsWith('.d.ts') ||
      entry.name.endsWith(`.test${ending}`)
    )
      continue
    const file = join(entry.parentPath, entry.name)
    // What actions share lies beside them, under a name that begins with _.
    if (relative(dir, file).split(sep).some((part) => part.startsWith('_'))) continue
    yield [relative(dir, file).slice(0, -ending.length).split(sep).join('.'), file]
  }
}

async function loadFile(name: string, file: string): Promise<Action> {
  const { default: action } = await imported(name, file)
  if (action !== undefined && ['effect', 'probe', 'ask'].includes(action.kind)) return action
  throw new OnboardError(
    'invalid',
    'not-an-action',
    `${file} is to be the action ${name}, but does not export one by default: defineAction, defineProbe or defineAsk`,
  )
}

/**
 * @throws OnboardError where the code of a workspace's own action cannot be loaded;
 * of a shipped one that is a bug of ours
 */
async function imported(name: string, file: string): Promise<{ readonly default?: Action }> {
  try {
    return (await import(pathToFileURL(file).href)) as { readonly default?: Action }
  } catch (error) {
    if (!relative(dirname(here), file).startsWith('..')) throw error
    const { message, stack = '' } = error instanceof Error ? error : { message: String(error) }
    const [, line] = stack.split(`${file}:`)[1]?.match(/^(\d+)/) ?? []
    const why = /onboard\/?\S* imported from|'onboard\/?[^']*' is not defined/.test(message)
      ? `${message}; an action imports from 'onboard/action'`
      : message
    const where = line === undefined ? file : `${file}:${line}`
    throw new OnboardError('invalid', 'action-broken', `${where}, which is to be the action ${name}: ${why}`, {
      cause: error,
    })
  }
}

function schemaOf(action: Action): ActionSchema {
  const { kind, title, example, input, output } = action
  return {
    kind,
    title,
    example,
    input,
    output,
    ...(action.outputFor === undefined
      ? {}
      : { outputFor: action.outputFor as NonNullable<ActionSchema['outputFor']> }),
    ...(action.kind === 'effect' ? { reversible: action.undo !== undefined } : {}),
    ...(action.kind === 'effect' && action.undoable !== undefined
      ? { undoable: action.undoable as NonNullable<ActionSchema['undoable']> }
      : {}),
    ...(action.kind === 'effect' ? { owns: action.owns as NonNullable<ActionSchema['owns']> } : {}),
  }
}
