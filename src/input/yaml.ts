import {
  isAlias, isMap, isScalar, isSeq, parseAllDocuments, visit, type Document, type Node, type YAMLError,
} from 'yaml'
import { syntaxMessage } from './syntax.ts'
import { lines, type Finding } from './text.ts'
import { LIMITS, type Path, type ScalarNode, type Tree } from './tree.ts'
import { escaped, shown } from './unsafe.ts'

const STYLES: Readonly<Record<string, ScalarNode['style']>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
}

/**
 * YAML 1.2 → a tree with places. Warnings are errors; so are tags, several documents, keys that are no text, duplicate
 * keys, aliases that grow, and nesting beyond the limit. The tree is undefined where the syntax is broken.
 */
export function parseYaml(text: string): { readonly tree: Tree | undefined; readonly findings: readonly Finding[] } {
  const documents = parseAllDocuments(
    text, { version: '1.2', prettyErrors: false, uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' },
  )
  if ('empty' in documents) return { tree: undefined, findings: said(text, documents.errors, undefined) }
  const [first, second] = documents
  if (first === undefined) return { tree: undefined, findings: [] }
  // What is warned of tags is said of their nodes.
  const warnings = first.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')
  const findings = said(text, [...first.errors, ...warnings], first)
  if (second !== undefined) {
    findings.push({
      offset: startOf(second), message: 'a second document begins here; one file holds one document', rule: 'documents',
    })
  }
  if (findings.length > 0 || first.contents === null) return { tree: undefined, findings }
  const builder = new Builder(text)
  const tree = builder.build(first.contents, [])
  return { tree: builder.full ? undefined : tree, findings: builder.findings }
}

/** One finding for each line, and of nesting and tabs these alone: a mistake drags others after it. */
function said(text: string, errors: readonly YAMLError[], document: Document.Parsed | undefined): Finding[] {
  const tooDeep = errors.filter(({ code }) => code === 'RESOURCE_EXHAUSTION').slice(0, 1)
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT')
  const telling = [tooDeep, tabs].find(({ length }) => length > 0) ?? errors.filter(({ message }, i) => (
    // After a broken place the parser is lost, and complains of every line.
    i === 0 || !message.includes('token in YAML stream')
  ))
  const byLine = new Map<number, Finding>()
  const placed = lines(text)
  for (const { code, message, pos } of telling) {
    const at = Math.min(code === 'MISSING_CHAR' ? openingQuote(document, pos[0]) : pos[0], text.length)
    const expression = text.lastIndexOf('${{', at)
    const bare = expression >= 0 && at - expression < 3
    const offset = bare ? expression : at
    const { line } = placed(offset)
    const said = bare ? 'in { } and [ ] an expression needs quotes: "${{ … }}"' : syntaxMessage(code, message)
    if (!byLine.has(line)) {
      byLine.set(line, { offset, message: said, rule: code === 'TAG_RESOLVE_FAILED' ? 'tag' : 'syntax' })
    }
  }
  return [...byLine.values()]
}

/** Of a quoted text that does not end, the parser names the end of the file; people need its beginning. */
function openingQuote(document: Document.Parsed | undefined, end: number): number {
  let found = end
  if (document !== undefined) {
    visit(document, {
      Scalar(_key, { type, range }) {
        if (type?.startsWith('QUOTE') && range && range[0] < end && range[2] >= end) found = range[0]
      },
    })
  }
  return found
}

function startOf(document: Document.Parsed): number {
  return document.contents?.range?.[0] ?? document.range?.[0] ?? 0
}

class Builder {
  readonly findings: Finding[] = []
  readonly #text: string
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<Node>()
  #values = 0
  /** More values than the limit: what was built is not the whole. */
  full = false

  constructor(text: string) {
    this.#text = text
  }

  build(node: Node | null, path: Path, near = 0): Tree {
    const [offset, end] = node?.range ?? [near, near]
    const nothing: Tree = { kind: 'scalar', offset, end, value: null, style: 'plain', source: '' }
    if (node === null || this.full) return nothing
    const refuse = (rule: string, message: string): Tree => {
      this.findings.push({ offset, message, rule, path })
      return nothing
    }
    if (++this.#values > LIMITS.values) {
      this.full = true
      return refuse('alias', `the file comes to more than ${LIMITS.values} values with its aliases written out`)
    }
    if (path.length >= LIMITS.depth) return refuse('depth', `nested more than ${LIMITS.depth} levels deep`)
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target === undefined) {
        return refuse('alias', `*${escaped(node.source)} has no anchor &${escaped(node.source)} before it`)
      }
      if (this.#open.has(target)) return refuse('alias', `*${escaped(node.source)} stands inside what it repeats`)
      return this.build(target, path)
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (node.tag !== undefined) {
      const at = this.#tagBefore(offset)
      const [written = ''] = this.#text.slice(at, at + 40).split(/[\s,\]}]/)
      const message = `tags such as ${escaped(written)} are not read; quote a text that begins with "!"`
      this.findings.push({ offset: at, message, rule: 'tag', path })
      return { ...nothing, offset: at }
    }
    this.#open.add(node)
    const built = this.#inner(node, path, offset, end)
    this.#open.delete(node)
    return built
  }

  /** A tagged node is said to begin behind its tag; people look at the tag. */
  #tagBefore(offset: number): number {
    const [before = ''] = /[^\s[{,]*![^!]*$/.exec(this.#text.slice(0, offset)) ?? []
    return offset - before.length
  }

  #inner(node: Node, path: Path, offset: number, end: number): Tree {
    if (isSeq(node)) {
      return {
        kind: 'list', offset, items: node.items.map((item, i) => this.build(item as Node, [...path, i], offset)),
      }
    }
    if (!isMap(node)) {
      const source = this.#text.slice(offset, end)
      const value = isScalar(node) ? (node.value as ScalarNode['value']) : null
      const style = (isScalar(node) && STYLES[String(node.type)]) || 'plain'
      return { kind: 'scalar', offset, end, value, style, source }
    }
    const entries: { key: string; offset: number; value: Tree }[] = []
    const places = new Map<string, number>()
    for (const pair of node.items) {
      const at = (pair.key as Node | null)?.range?.[0] ?? offset
      const key = this.#key(pair.key as Node | null, path, at)
      if (key === undefined) continue
      const value = this.build(pair.value as Node | null, [...path, key], at)
      const first = places.get(key)
      if (first === undefined) entries.push({ key, offset: at, value })
      else {
        const line = this.#text.slice(0, first).split('\n').length
        this.findings.push({
          offset: at, message: `duplicate key ${shown(key)}: it stands in line ${line} already`, rule: 'duplicate-key',
          path: [...path, key],
        })
      }
      places.set(key, first ?? at)
    }
    return { kind: 'map', offset, entries }
  }

  /** Keys are text; what YAML reads as a number or a boolean there is taken as it is written. */
  #key(node: Node | null, path: Path, offset: number): string | undefined {
    const refuse = (message: string): undefined => {
      this.findings.push({ offset, message, rule: 'key', path })
    }
    if (!isScalar(node) || node.value === null) return refuse('a key must be text, on one line')
    if (node.tag !== undefined || node.anchor !== undefined) return refuse('a key has no tag and no anchor')
    const key = typeof node.value === 'string' ? node.value : this.#text.slice(node.range?.[0], node.range?.[1])
    if (key === '__proto__') return refuse('"__proto__" cannot be a key')
    if (key === '<<') return refuse('merge keys (<<) are not part of YAML 1.2: write the values out')
    return key
  }
}
