import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { check } from '../onboarding/samples.ts'
import { escaped } from '../../src/input/unsafe.ts'
import { offsetInFile } from '../../src/runbook/positions.ts'
import { parseOnly } from '../../src/input/document.ts'
import type { Tree } from '../../src/input/tree.ts'

const yaml = readFileSync('runbooks/enterprise/examples/acme.handoff.yaml', 'utf8')
const json = JSON.stringify(parseOnly(Buffer.from(yaml), { file: 'a.yaml' }).value, null, 2)
const PIECES = ['\n', '  ', '\t', ': ', '- ', '{', '}', '[', ']', ',', '"', "'", '#', '&a ', '*a', '!x ', '|\n', '>-\n', '%', '@', '`', '? ', '---\n', '\\', '\u0000', '\u001b[2J', '\u202e', '\ufeff', '\u2028', '012', '1:30', '~', '<<: ', '"\\ud800"', '𝒳', '9'.repeat(30)]

/** A text with some pieces put in, taken out or doubled. */
const mutated = (text: string) => fc.array(fc.tuple(fc.nat(text.length), fc.nat(40), fc.constantFrom(...PIECES)), { minLength: 1, maxLength: 6 })
  .map((edits) => edits.reduce((now, [at, cut, piece]) => now.slice(0, at) + piece + now.slice(at + (cut % 7)), text))

test.each([['yaml', yaml], ['json', json]])('a mangled %s file is read or refused, with places, in little time and safe to print', (ending, text) => {
  fc.assert(fc.property(mutated(text), (mangled) => {
    const before = performance.now()
    const { document, diagnostics } = check(mangled, { file: `a.${ending}` })
    expect(performance.now() - before).toBeLessThan(2000)
    if (document === null) expect(diagnostics.length).toBeGreaterThan(0)
    const lines = mangled.split('\n').length
    for (const { line, col, message } of diagnostics) {
      expect(line).toBeGreaterThanOrEqual(1)
      expect(line).toBeLessThanOrEqual(lines)
      expect(col).toBeGreaterThanOrEqual(1)
      expect(message).toBe(escaped(message))
      expect(message).not.toMatch(/undefined|NaN is|\[object/)
    }
  }), { numRuns: 300 })
})

test('any bytes are read or refused', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('a.yaml', 'a.json'), (bytes, file) => {
    const { value, diagnostics } = parseOnly(bytes, { file })
    expect(value !== undefined || diagnostics.length > 0).toBe(true)
  }), { numRuns: 500 })
})

test('any JSON is read as what it is, by both readers', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
    const text = JSON.stringify(value)
    const plain = JSON.parse(text) as unknown
    const read = parseOnly(Buffer.from(text), { file: 'a.json' })
    fc.pre(read.diagnostics.length === 0)
    expect(read.value).toEqual(plain)
    if (!/[\u007f-\uffff]/.test(text)) expect(parseOnly(Buffer.from(text), { file: 'a.yaml' }).value).toEqual(plain)
  }), { numRuns: 300 })
})

test('control characters in any field are found there', () => {
  const fields = [...scalars(parseOnly(Buffer.from(yaml), { file: 'a.yaml' }).tree)]
  expect(fields.length).toBeGreaterThan(40)
  for (const { offset, end } of fields) {
    for (const evil of ['\\e[31m', '\\u202e', '\\0', '\\r', '\\u0085', '\\ufeff']) {
      const text = `${yaml.slice(0, offset)}"x${evil}"${yaml.slice(end)}`
      const { document, diagnostics } = check(text)
      expect(document).toBeNull()
      const { line, col } = parseOnly(Buffer.from(yaml), { file: 'a.yaml' }).position(offset)
      expect(diagnostics.filter((one) => one.line === line && one.col === col).map(({ rule }) => rule)).toEqual(['unsafe-character'])
    }
  }
})

test('every scalar says where its text begins', () => {
  for (const node of scalars(parseOnly(Buffer.from(yaml), { file: 'a.yaml' }).tree)) {
    if (typeof node.value === 'string' && node.value !== '') expect(yaml[offsetInFile(node, 0)]).toBe(node.value[0])
  }
})

function* scalars(tree: Tree | undefined): Generator<Extract<Tree, { kind: 'scalar' }>> {
  if (tree?.kind === 'scalar') yield tree
  if (tree?.kind === 'list') for (const item of tree.items) yield* scalars(item)
  if (tree?.kind === 'map') for (const { value } of tree.entries) yield* scalars(value)
}
