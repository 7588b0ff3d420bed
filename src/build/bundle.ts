/**
 * `npm run build`: dist/ from the sources, with few files to open. What is found by its name (commands, actions,
 * migrations, the keeper) keeps its place; what a command needs to start lies in one file,
 * with the libraries that it is made of. Types are checked by `npm run types`.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import type { Plugin } from 'rolldown'
import { findTemplates, templateNames } from '../documents/find.ts'
import { NEEDS_FILE } from '../documents/needs.ts'
import { compile } from '../documents/template.ts'
import { validators } from './validators.ts'

/**
 * Libraries that every command loads, or that consist of a hundred small files, which take longer to open than to run:
 * of 540 ms of processor time that runbook lint took, 55.
 * The others stay packages of their own, opened by what needs them.
 */
const BUNDLED = /^(@oclif\/core|pg|canonicalize|yaml|ajv|@marcbachmann\/cel-js|liquidjs)(\/|$)/

/** What `onboard status` loads: main, and what it asks for when it comes to it. What these import starts with them. */
const START = [
  'src/cli/main', 'src/cli/args', 'src/cli/views/status', 'src/cli/workspace', 'src/cli/config-cache',
  'src/cli/actor', 'src/cli/assemble', 'src/cli/pinned', 'src/cli/trust', 'src/cli/shared-database',
  'src/cli/deferred-evaluator', 'src/cli/all-statuses', 'src/cli/open-issues', 'src/adapters/secrets',
  'src/database/open', 'src/database/target', 'src/journal/find', 'src/journal/read-ahead',
  'src/journal/onboardings', 'src/onboarding/status', 'src/product/open',
]

/** The actions, for the types of what expressions read of a step: loaded where inputs and journal do not say all. */
const ACTIONS = /^src\/actions\//

/** Modules that other code finds as files, or that Node starts. */
function named(root: string): string[] {
  const below = (folder: string): string[] => readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/').slice(0, -'.ts'.length))
  return [
    'src/cli/main', 'src/action', 'src/database/embedded/keeper',
    ...below('commands'), ...below('src/actions'), ...below('src/database/migrations'),
  ]
}

/** Bundles the sources in `root` into `out`, which is emptied first. */
export async function bundle(root: string, out: string): Promise<void> {
  const imports = new Map<string, readonly string[]>()
  const graph: Plugin = {
    name: 'graph',
    buildEnd() {
      for (const id of this.getModuleIds()) imports.set(id, this.getModuleInfo(id)?.importedIds ?? [])
    },
  }
  const ready: Plugin = {
    name: 'validators',
    load: (id) => (id === join(root, 'src/input/ready.ts') ? { code: validators(root), moduleType: 'js' } : null),
  }
  const within = (chosen: () => readonly string[]) => {
    let all: Set<string> | undefined
    return (id: string): boolean => (all ??= reached(imports, chosen().map((name) => join(root, `${name}.ts`)))).has(id)
  }
  const starts = within(() => START)
  const evaluates = within(() => ['src/cli/evaluator'])
  const acts = within(() => named(root).filter((name) => ACTIONS.test(name)))
  rmSync(out, { recursive: true, force: true })
  const build = await rolldown({
    cwd: root, platform: 'node', plugins: [graph, ready],
    input: Object.fromEntries(named(root).map((name) => [name, join(root, `${name}.ts`)])),
    // A library's own libraries come with it.
    external: (id, importer) =>
      !id.startsWith('.') && !isAbsolute(id) && !BUNDLED.test(id) && !importer?.includes('node_modules'),
    onLog: (level, log, handle) => {
      // That code is asked for late which starts with everything else is how it is meant.
      if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') handle(level, log)
    },
  })
  const { output } = await build.write({
    dir: out,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: {
      groups: [
        { name: 'start', test: starts, priority: 3 },
        { name: 'expressions', test: evaluates, priority: 2 },
        { name: 'actions', test: acts, priority: 1 },
      ],
    },
  })
  await build.close()
  writeFileSync(join(out, NEEDS_FILE), JSON.stringify(await needs()))
  writeFileSync(
    join(out, 'licenses.txt'), licenses(output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))),
  )
}

/** What the shipped templates need, by digest. */
async function needs(): Promise<object> {
  const find = findTemplates(new Map())
  const files = await Promise.all(templateNames(new Map()).map(find))
  return Object.fromEntries(files.map((file) => {
    const { required, optional } = compile(file)
    return [file.digest, { required, optional }]
  }))
}

/** All that is imported, by whatever way, from where it starts. */
function reached(imports: ReadonlyMap<string, readonly string[]>, from: readonly string[]): Set<string> {
  const found = new Set<string>()
  const next = [...from]
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (found.has(id)) continue
    found.add(id)
    next.push(...(imports.get(id) ?? []))
  }
  return found
}

type Package = Readonly<Record<'name' | 'version' | 'license', string>>

/** The licences of the libraries that the bundle holds: their terms ask that they come along. */
function licenses(ids: readonly string[]): string {
  const folders = new Set(ids.flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? []))
  const texts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
    return `${name} ${version} (${license})\n\n${text}\n`
  })
  return [...new Set(texts)].toSorted().join(`\n${'-'.repeat(80)}\n\n`)
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..')
  if (!existsSync(join(root, 'src'))) throw new Error('there are no sources to bundle')
  await bundle(root, join(root, 'dist'))
}
