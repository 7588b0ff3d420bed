import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { packageRoot } from '../package.ts'
import type { RunbookFiles } from '../runbook/files.ts'
import { readFileOnce } from './source.ts'

/** A runbook is some dozens of small texts; a folder with more than this is another folder. */
const MOST_FILES = 1000

export interface RunbookPlace {
  readonly name: string
  /** Absolute folder. */
  readonly dir: string
  readonly shipped: boolean
}

/** Runbooks by name: those of the workspace, then the shipped ones that it does not replace. */
export async function runbookPlaces(workspace: string | null): Promise<readonly RunbookPlace[]> {
  const places = new Map<string, RunbookPlace>()
  for (const base of [...(workspace === null ? [] : [workspace]), packageRoot]) {
    const folder = join(base, 'runbooks')
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const dir = join(folder, entry.name)
      if (!entry.isDirectory() || places.has(entry.name) || !(await isRunbook(dir))) continue
      places.set(entry.name, { name: entry.name, dir, shipped: base === packageRoot })
    }
  }
  return [...places.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * The files of a runbook: by name (`enterprise`), or by folder (`./runbooks/enterprise`). Beside them stand the schemas
 * of the workspace and the shipped ones, as if the runbook lay in runbooks/ of the workspace.
 * @throws OnboardError (usage) with the nearest name where there is none.
 */
export async function runbookFiles(given: string, workspace: string | null, cwd: string): Promise<RunbookFiles> {
  const { dir, name } = await placeOf(given, workspace, cwd)
  const root = `runbooks/${name}`
  const sources = new Map<string, string>()
  for (const base of [packageRoot, ...(workspace === null ? [] : [workspace])]) {
    for (const file of await filesBelow(join(base, 'schemas'))) if (file.endsWith('.json')) sources.set(`schemas/${file}`, join(base, 'schemas', file))
  }
  for (const file of await filesBelow(dir)) sources.set(`${root}/${file}`, join(dir, file))
  const files = await Promise.all([...sources].map(async ([path, file]) => [path, await readFileOnce(file)] as const))
  const format = (schema: string) => readFile(join(packageRoot, 'schemas', `${schema}.schema.json`))
  return {
    root,
    files: new Map(files),
    format: { runbook: await format('runbook'), phase: await format('phase') },
    show: (path) => relative(cwd, sources.get(path) ?? (path.startsWith(`${root}/`) ? join(dir, path.slice(root.length + 1)) : path)),
  }
}

async function placeOf(given: string, workspace: string | null, cwd: string): Promise<{ dir: string; name: string }> {
  const folder = resolve(cwd, given)
  if (/[/\\]|^\.+$/.test(given)) {
    if (await isRunbook(folder)) return { dir: folder, name: basename(folder) }
    throw new OnboardError('usage', 'unknown-runbook', `${given} is no folder with a runbook.yaml`, { suggestions: ['onboard runbook list'] })
  }
  const places = await runbookPlaces(workspace)
  const found = places.find(({ name }) => name === given)
  if (found !== undefined) return found
  const names = places.map(({ name }) => name)
  const near = nearest(given, names)
  throw new OnboardError('usage', 'unknown-runbook', `There is no runbook '${given}'${near === undefined ? `; there are: ${names.join(', ') || 'none'}` : `: did you mean ${near}?`}`, {
    suggestions: ['onboard runbook list'],
  })
}

async function isRunbook(dir: string): Promise<boolean> {
  return stat(join(dir, 'runbook.yaml')).then((about) => about.isFile(), () => false)
}

/** Paths of the regular files below a folder, with forward slashes; links and hidden files are left out. */
async function filesBelow(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.') || part === 'node_modules'))
  if (files.length <= MOST_FILES) return files.toSorted()
  throw new OnboardError('invalid', 'too-many-files', `${dir} holds ${files.length} files; a runbook has at most ${MOST_FILES}`)
}
