/** The actions at hand: those shipped, those of a trusted workspace, those that an onboarding has pinned. */
import { lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createCatalogue, type ActionCatalogue } from '../actions/catalogue.ts'
import { moduleFile, packageRoot } from '../package.ts'

let hooked = false

/** Code of a workspace imports defineAction and its kin from `onboard/action`, wherever it lies. */
function offerContract(): void {
  if (hooked) return
  hooked = true
  const file = moduleFile('action')
  const url = pathToFileURL(file).href
  registerHooks({
    resolve: (specifier, context, next) => (
      specifier === 'onboard/action' ? { url, shortCircuit: true } : next(specifier, context)
    ),
  })
}

/**
 * Shipped actions and, before them, those in the workspace's `actions/`; of those that are not trusted the names alone.
 */
export async function actionsAt(
  workspace: string | null, distrust: () => Promise<string | null>,
): Promise<ActionCatalogue> {
  const dir = workspace === null || workspace === packageRoot ? null : join(workspace, 'actions')
  // A link could lead anywhere: what it leads to was not looked at.
  if (dir === null || (await lstat(dir).catch(() => undefined))?.isDirectory() !== true) return createCatalogue()
  if ((await distrust()) !== null) return createCatalogue([], [dir])
  offerContract()
  return createCatalogue([dir])
}

/**
 * Pinned actions, laid out in a private folder for as long as they run.
 * Where they are refused, their code is not loaded.
 */
export async function pinnedActions(
  files: ReadonlyMap<string, Uint8Array>, refused: ((name: string) => Error) | null,
): Promise<{ catalogue: ActionCatalogue; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'onboard-actions-'))
  for (const [path, bytes] of files) {
    const target = resolve(folder, path)
    if (!path.startsWith('actions/') || !target.startsWith(join(folder, 'actions') + sep)) continue
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await writeFile(target, bytes, { mode: 0o600, flag: 'wx' })
  }
  const close = () => rm(folder, { recursive: true, force: true })
  const dir = join(folder, 'actions')
  if (refused !== null) return { catalogue: createCatalogue([], [dir], refused), close }
  offerContract()
  return { catalogue: createCatalogue([dir]), close }
}
