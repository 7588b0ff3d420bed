import type { Json } from '../model.ts'

/** A parsed file: values with their places in the text. Aliases are expanded: one node may occur several times. */
export type Tree = MapNode | ListNode | ScalarNode

export interface MapNode {
  readonly kind: 'map'
  readonly offset: number
  readonly entries: readonly { readonly key: string; readonly offset: number; readonly value: Tree }[]
}

export interface ListNode {
  readonly kind: 'list'
  readonly offset: number
  readonly items: readonly Tree[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly offset: number
  /** Just after the last character of its source. */
  readonly end: number
  readonly value: null | boolean | number | string
  readonly style: 'plain' | 'single' | 'double' | 'literal' | 'folded'
  /** As it stands in the file, quotes and block header included. */
  readonly source: string
}

export type Path = readonly (string | number)[]

/** How deep a file may nest, and how many values it may hold with its aliases expanded. */
export const LIMITS = { depth: 50, values: 100_000 } as const

export function toJson(tree: Tree): Json {
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'list') return tree.items.map(toJson)
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, toJson(value)]))
}

/**
 * Where a path stands: the key of its last step (or the list's item), or of the nearest step above it that exists.
 * `node` is the value itself, undefined where the path leads nowhere.
 */
export function find(tree: Tree | undefined, path: Path): { readonly offset: number; readonly node: Tree | undefined } {
  let node = tree
  let offset = tree?.offset ?? 0
  for (const part of path) {
    if (node?.kind === 'map') {
      const entry = node.entries.find(({ key }) => key === part)
      if (entry === undefined) return { offset, node: undefined }
      offset = entry.offset
      node = entry.value
    } else if (node?.kind === 'list' && typeof part === 'number' && node.items[part] !== undefined) {
      node = node.items[part]
      offset = node?.offset ?? offset
    } else return { offset, node: undefined }
  }
  return { offset, node }
}

/** `contacts.primary[1].email`; the root is ''. */
export function dotted(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('')
}
