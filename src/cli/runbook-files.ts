/** Where runbooks are found, and their files: those of the workspace come before those shipped. */
import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { packageRoot } from '../package.ts'
import type { RunbookFiles, TemplateNeeds } from '../runbook/files.ts'
import { readFileOnce } from './source.ts'

/** A folder with a runbook.yaml. */
export interface RunbookFolder {
  readonly name: string
  /** Absolute. */
  readonly dir: string
  readonly from: 'workspace' | 'shipped'
  /** Folder of the workspace whose files take the place of those of their name: single phases. */
  readonly over?: string
  /** The workspace beside a shipped runbook: its templates come before the shipped ones of their name. */
  readonly beside?: string
}

/** More and larger files than any runbook has: a wrong folder is refused before all of it is read. */
const MOST_FILES = 2000
const MOST_BYTES = 1024 * 1024

/** Runbooks that come with onboard. */
function shippedRunbooks(): Promise<readonly RunbookFolder[]> {
  return runbooksIn(join(packageRoot, 'runbooks'), 'shipped')
}

/** All runbooks by name; one of the workspace hides a shipped one of its name. */
export async function listRunbooks(workspace: string | null): Promise<readonly RunbookFolder[]> {
  const own = workspace === null ? [] : await runbooksIn(join(workspace, 'runbooks'), 'workspace')
  const shipped = (await shippedRunbooks()).filter(({ name }) => !own.some((one) => one.name === name))
  if (workspace !== null) {
    for (const [at, folder] of shipped.entries()) {
      const over = join(workspace, 'runbooks', folder.name)
      const there = (await lstat(join(over, 'phases')).catch(() => undefined))?.isDirectory() === true
      shipped[at] = there ? { ...folder, from: 'workspace', over } : { ...folder, beside: workspace }
    }
  }
  return [...own, ...shipped].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * The folder that a person means by a name, or by the path of a folder or of its runbook.yaml.
 * @throws OnboardError (usage) with the nearest name where there is none
 */
export async function findRunbook(given: string, workspace: string | null, cwd: string): Promise<RunbookFolder> {
  const known = await listRunbooks(workspace)
  const named = known.find(({ name }) => name === given)
  if (named !== undefined) return named
  const path = resolve(cwd, given)
  const dir = basename(path) === 'runbook.yaml' ? resolve(path, '..') : path
  if (await isFile(join(dir, 'runbook.yaml'))) return { name: basename(dir), dir, from: 'workspace' }
  const near = nearest(given, known.map(({ name }) => name))
  const isFolder = (await stat(dir).catch(() => undefined))?.isDirectory() === true
  const isPath = isFolder || given.includes('/') || given.includes(sep)
  const what = isPath ? `${given} holds no runbook.yaml` : `There is no runbook '${given}'`
  throw new OnboardError('usage', 'unknown-runbook', near === undefined ? what : `${what}; did you mean ${near}?`, {
    suggestions: ['onboard runbook list'],
  })
}

/** How the runbook.yaml of a folder names its runbook; null where that is not plain to see. */
export async function writtenName({ dir, over }: RunbookFolder): Promise<string | null> {
  const file = over !== undefined && (await isFile(join(over, 'runbook.yaml'))) ? over : dir
  const text = await readFileOnce(join(file, 'runbook.yaml'), 'runbook.yaml', MOST_BYTES).catch(() => new Uint8Array())
  return /^runbook: *([a-z0-9-]+) *$/m.exec(new TextDecoder().decode(text))?.[1] ?? null
}

/** The only runbook, where `--runbook` was left out. Throws usage with the command for each where there are several. */
export function onlyOne(names: readonly string[], command: (name: string) => string): string {
  const [first, second] = names
  if (first !== undefined && second === undefined) return first
  throw new OnboardError(
    'usage', 'runbook-needed', `--runbook is needed: there are ${names.join(', ') || 'none'}`,
    { suggestions: names.map(command) },
  )
}

/**
 * The files of a runbook: its folder, and the schemas it may name: `schemas/` beside `runbooks/`, then those shipped;
 * with them the workspace's actions and templates, and the shipped templates that it names. What stands in `over`
 * comes before what stands in `dir`. Links are not followed.
 */
export async function readRunbook(
  { dir, over, beside, cwd }: Pick<RunbookFolder, 'dir' | 'over' | 'beside'> & { readonly cwd: string },
): Promise<RunbookFiles> {
  const root = `runbooks/${basename(dir)}`
  const files = new Map<string, Uint8Array>()
  const real = new Map<string, string>()
  const shipped = new Set<string>()
  const take = async (
    folder: string, prefix: string, recursive: boolean, wanted: (path: string) => boolean,
  ): Promise<void> => {
    if (prefix !== root && (await lstat(folder).catch(() => undefined))?.isDirectory() !== true) return
    for (const path of await filesIn(folder, recursive)) {
      const name = `${prefix}/${path}`
      if (!wanted(path) || files.has(name)) continue
      if (files.size >= MOST_FILES) {
        throw new OnboardError(
          'invalid', 'too-many-files', `${folder} holds more than ${MOST_FILES} files: is it a runbook?`,
        )
      }
      const file = join(folder, path)
      files.set(name, await readFileOnce(file, relative(cwd, file), MOST_BYTES))
      real.set(name, relative(cwd, file))
      if (folder === join(packageRoot, 'schemas')) shipped.add(name)
    }
  }
  const isSchema = (path: string) => path.endsWith('.schema.json')
  const ours = (path: string) => !path.startsWith('.')
  if (over !== undefined) await take(over, root, true, ours)
  await take(dir, root, true, ours)
  const base = resolve(over ?? dir, '../..')
  await take(join(base, 'schemas'), 'schemas', false, isSchema)
  // Those of onboard itself are part of its version, not of a runbook.
  if (base !== packageRoot) {
    for (const folder of ['actions', 'templates']) await take(join(base, folder), folder, true, ours)
  }
  await take(join(packageRoot, 'schemas'), 'schemas', false, isSchema)
  // A document must not read otherwise because onboard itself has a newer version.
  const named = namedTemplates(files, root)
  const nameOf = (path: string) => path.replace(/^.*\//, '').replace(/\.[a-z]+$/, '')
  const isNamed = (path: string) => named.has(nameOf(path))
  if (beside !== undefined) {
    await take(join(beside, 'templates'), 'templates', false, (path) => ours(path) && isNamed(path))
  }
  const own = new Set([...files.keys()].filter((path) => path.startsWith('templates/')).map(nameOf))
  await take(join(packageRoot, 'templates'), 'templates', false, (path) => isNamed(path) && !own.has(nameOf(path)))
  const format = (name: string) => readFileOnce(join(packageRoot, 'schemas', `${name}.schema.json`))
  const formats = { runbook: await format('runbook'), phase: await format('phase') }
  const show = (path: string) => real.get(path) ?? path
  return {
    root, files, format: formats, shipped, show,
    ...(named.size > 0 ? await templatesOf(files, named, show) : {}),
  }
}

/** What the templates of these names need; of one that is not there, nothing. */
async function templatesOf(
  files: ReadonlyMap<string, Uint8Array>, names: ReadonlySet<string>, show: (path: string) => string,
): Promise<Pick<RunbookFiles, 'templates' | 'templateNames'>> {
  const { templateNeeds } = await import('../documents/needs.ts')
  const { findTemplates, templateNames } = await import('../documents/find.ts')
  const found = new Map<string, TemplateNeeds>()
  for (const name of names) {
    const file = await findTemplates(files)(name).catch(() => undefined)
    if (file === undefined) continue
    try {
      found.set(name, await templateNeeds(file))
    } catch (error) {
      if (!(error instanceof OnboardError)) throw error
      found.set(
        name, { file: show(file.path), line: error.at?.line ?? 1, message: error.message.replace(/^[^:]+:\d+: /, '') },
      )
    }
  }
  return { templates: found, templateNames: templateNames(files) }
}

/** Names that stand behind `template:` in a runbook's phases, as they are written. */
function namedTemplates(files: ReadonlyMap<string, Uint8Array>, root: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [path, bytes] of files) {
    if (!path.startsWith(`${root}/`) || !path.endsWith('.yaml')) continue
    const text = Buffer.from(bytes).toString('utf8')
    for (const [, name = ''] of text.matchAll(/\btemplate:\s*["']?([a-z0-9-]+)/g)) names.add(name)
  }
  return names
}

async function runbooksIn(folder: string, from: RunbookFolder['from']): Promise<RunbookFolder[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found: RunbookFolder[] = []
  for (const entry of entries) {
    const dir = join(folder, entry.name)
    if (entry.isDirectory() && (await isFile(join(dir, 'runbook.yaml')))) found.push({ name: entry.name, dir, from })
  }
  return found
}

/** Paths of regular files with forward slashes. */
async function filesIn(folder: string, recursive: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return paths.map((path) => relative(folder, path).split(sep).join('/')).sort()
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

/** Title and version as they stand in runbook.yaml, unchecked. */
export async function readHead(dir: string): Promise<{ readonly title: string; readonly version: string }> {
  const { parseOnly } = await import('../input/document.ts')
  const { value } = parseOnly(await readFileOnce(join(dir, 'runbook.yaml')), { file: 'runbook.yaml' })
  const head = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  const text = (key: string): string => {
    const found = head[key]
    return typeof found === 'string' ? found : '?'
  }
  return { title: text('title'), version: text('version') }
}
