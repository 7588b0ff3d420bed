import type { Parsed } from '../../input/document.ts'
import type { ScalarNode, Tree } from '../../input/tree.ts'
import type { Draft } from '../draft.ts'

export interface TextAt {
  readonly document: Parsed
  /** The key that it stands under; null in a list. */
  readonly key: string | null
  readonly node: ScalarNode & { readonly value: string }
}

/** Every text that a runbook's files hold. */
export function* textsOf(draft: Draft): Generator<TextAt> {
  for (const document of [draft.document, ...draft.phases.map((phase) => phase.document)]) {
    if (document.tree !== undefined) yield* within(document, document.tree, null)
  }
}

function* within(document: Parsed, tree: Tree, key: string | null): Generator<TextAt> {
  if (tree.kind === 'map') for (const entry of tree.entries) yield* within(document, entry.value, entry.key)
  else if (tree.kind === 'list') for (const item of tree.items) yield* within(document, item, null)
  else if (typeof tree.value === 'string') yield { document, key, node: tree as TextAt['node'] }
}
