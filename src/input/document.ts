import type { Diagnostic, Position } from '../errors.ts'
import type { Json, Schema } from '../model.ts'
import { explain } from './explain.ts'
import { parseJson } from './json.ts'
import { validate } from './schema.ts'
import { decode, lines, type Finding } from './text.ts'
import { trap } from './traps.ts'
import { dotted, find, toJson, type Path, type Tree } from './tree.ts'
import { escaped, unsafe } from './unsafe.ts'
import { parseYaml } from './yaml.ts'

/** So many findings say enough; a broken file of a megabyte would have a million. */
const MOST = 100

interface Source {
  /** Its name in diagnostics; `.json` is read strictly as JSON, all else as YAML 1.2 (of which JSON is a part). */
  readonly file: string
  /** Default: 1 MiB. */
  readonly maxBytes?: number
}

export interface Parsed {
  /** undefined where the file could not be read as a whole. */
  readonly value: Json | undefined
  readonly tree: Tree | undefined
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
  /** The key at a path, or the nearest thing above it that exists. */
  locate(path: Path): Position
  /** Line and column of an offset in the text. */
  position(offset: number): Position
}

/**
 * Bytes → value with places, and everything that is wrong about it as a file:
 * encoding, size, syntax, keys, aliases, characters.
 */
export function parseOnly(bytes: Uint8Array, source: Source): Parsed {
  const decoded = decode(bytes, source.maxBytes)
  if ('finding' in decoded) return parsed('', source, undefined, [decoded.finding])
  const { text } = decoded
  const { tree, findings } = source.file.toLowerCase().endsWith('.json') ? parseJson(text) : parseYaml(text)
  const found = [...findings]
  if (tree === undefined && findings.length === 0) {
    found.push({ offset: 0, message: 'the file is empty', rule: 'empty' })
  }
  const covered = tree === undefined ? [] : check(tree, [], found)
  for (const { offset, name } of unsafe(text, true)) {
    if (!covered.some(([from, to]) => offset >= from && offset < to)) found.push(unsafeAt(offset, name))
  }
  return parsed(text, source, tree, found)
}

/** As parseOnly, and validated against a draft-07 schema whose defaults are filled in. */
export function readDocument(bytes: Uint8Array, source: Source & { readonly schema: Schema }): Parsed {
  const document = parseOnly(bytes, source)
  if (document.value === undefined || document.tree === undefined) return document
  const errors = explain(validate(source.schema, document.value), source.schema, document.tree)
  // A value that was refused for itself is not refused again for what became of it.
  const known = new Set(document.diagnostics.map(({ line, col }) => `${line}:${col}`))
  const more = finish(errors, document.position).filter(
    ({ line, col, rule }) => rule === 'missing' || rule === 'unknown-key' || !known.has(`${line}:${col}`),
  )
  return { ...document, diagnostics: sorted([...document.diagnostics, ...more]) }
}

function parsed(text: string, { file }: Source, tree: Tree | undefined, findings: readonly Finding[]): Parsed {
  const placed = lines(text)
  const position = (offset: number): Position => ({ file, ...placed(offset) })
  return {
    value: tree === undefined ? undefined : toJson(tree),
    tree,
    text,
    diagnostics: sorted(finish(findings, position)),
    locate: (path) => position(find(tree, path).offset),
    position,
  }
}

/** What holds for every value whatever the schema; gives the source ranges in which unsafe characters were reported. */
function check(tree: Tree, path: Path, found: Finding[]): [number, number][] {
  if (tree.kind === 'list') return tree.items.flatMap((item, i) => check(item, [...path, i], found))
  if (tree.kind === 'map') {
    return tree.entries.flatMap(({ key, offset, value }) => {
      const [wrong] = unsafe(key)
      if (wrong !== undefined) found.push({ ...unsafeAt(offset, wrong.name), path: [...path, key] })
      return [
        ...(wrong === undefined ? [] : [[offset, offset + key.length + 2] as [number, number]]),
        ...check(value, [...path, key], found),
      ]
    })
  }
  const { value, offset, end, source, style } = tree
  const name = path.length === 0 ? 'the value' : escaped(dotted(path))
  if (typeof value === 'string') {
    const [wrong] = unsafe(value)
    if (wrong === undefined) return []
    found.push({
      offset, path, rule: 'unsafe-character', message: `${name} holds the control character ${wrong.name}: remove it`,
    })
    return [[offset, end]]
  }
  if (typeof value === 'number' && style === 'plain') {
    const trapped = trap(source)
    if (trapped !== undefined) found.push({ offset, path, rule: 'yaml-trap', message: `${name}: ${trapped.message}` })
    else if (!Number.isFinite(value)) {
      found.push({ offset, path, rule: 'number', message: `${name} must be a number that can be written in digits` })
    } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      found.push({
        offset, path, rule: 'number',
        message: `${name} has too many digits to be kept exactly as a number: put it in quotes`,
      })
    }
  }
  return []
}

function unsafeAt(offset: number, name: string): Finding {
  return { offset, rule: 'unsafe-character', message: `the control character ${name} stands here: remove it` }
}

function finish(findings: readonly Finding[], position: (offset: number) => Position): Diagnostic[] {
  const kept = findings.slice(0, MOST).map(({ offset, message, rule, path, severity }) => ({
    ...position(offset),
    message,
    rule,
    severity: severity ?? ('error' as const),
    ...(path === undefined || path.length === 0 ? {} : { field: dotted(path) }),
  }))
  const last = kept.at(-1)
  if (findings.length > MOST && last !== undefined) {
    kept.push({ ...last, message: `and ${findings.length - MOST} more findings`, rule: 'more' })
  }
  return kept
}

function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics
    .filter(({ line, col, message }) => !seen.has(`${line}:${col}:${message}`) && seen.add(`${line}:${col}:${message}`))
    .toSorted((a, b) => a.line - b.line || a.col - b.col)
}
