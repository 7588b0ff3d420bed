/** A runbook's files as bytes, read by others: from a folder, or from the copy that an onboarding has pinned. */
import { createHash } from 'node:crypto'

export interface RunbookFiles {
  /** Folder of runbook.yaml among the paths, `runbooks/enterprise`. */
  readonly root: string
  /** By path with forward slashes: `runbooks/enterprise/runbook.yaml`, `schemas/handoff.schema.json`. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Schemas by which runbook.yaml and the phases are read: those of this version of onboard. */
  readonly format: { readonly runbook: Uint8Array; readonly phase: Uint8Array }
  /** Paths of those that came with onboard, whose form is ours to answer for. */
  readonly shipped?: ReadonlySet<string>
  /** How diagnostics name a path; default: as it is. */
  readonly show?: (path: string) => string
  /** What the templates that steps name need, by name; left out where nobody has looked. */
  readonly templates?: ReadonlyMap<string, TemplateNeeds>
  /** Names of all templates that a step could name. */
  readonly templateNames?: readonly string[]
}

/** Names that a template needs in its data, and those that it can do without; or why it cannot be used. */
export type TemplateNeeds =
  | { readonly required: readonly string[]; readonly optional: readonly string[] }
  | { readonly file: string; readonly line: number; readonly message: string }

/** A path as written in runbook.yaml → a path among the files; undefined where it leads out of them. */
export function resolvePath(root: string, written: string): string | undefined {
  const parts = written.startsWith('/') ? undefined : root.split('/').filter((part) => part !== '' && part !== '.')
  if (parts === undefined) return undefined
  for (const part of written.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

/** Paths under the root that make the runbook what it is: examples and tests of it do not. */
export function ownPaths({ root, files }: RunbookFiles): string[] {
  const prefix = `${root}/`
  const counts = (path: string) =>
    path.startsWith(prefix) && !/^examples\/|\.test\.yaml$/.test(path.slice(prefix.length))
  return [...files.keys()].filter(counts).sort()
}

/**
 * Paths of what a workspace brings besides: its templates, and all of its actions where a step uses one of them,
 * because they may share code.
 */
export function broughtPaths({ files }: RunbookFiles, uses: Iterable<string>): string[] {
  const paths = [...files.keys()]
  const actions = paths.filter((path) => path.startsWith('actions/'))
  const named = actions.map((path) => path.slice('actions/'.length).replace(/\.(ts|js|mjs)$/, ''))
  const names = new Set(named.map((name) => name.replaceAll('/', '.')))
  const used = [...uses].some((name) => names.has(name))
  return [...paths.filter((path) => path.startsWith('templates/')), ...(used ? actions : [])].sort()
}

/** sha256 (hex) over names and contents, whatever folder the runbook lies in. */
export function digestOf({ root, files }: RunbookFiles, paths: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) {
    const name = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : `/${path}`
    const content = createHash('sha256').update(files.get(path) ?? new Uint8Array()).digest('hex')
    hash.update(`${content} ${name}\n`)
  }
  return hash.digest('hex')
}
