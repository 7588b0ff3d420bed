import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { listRunbooks, readRunbook } from '../../src/cli/runbook-files.ts'
import { lintRunbook, type LintSettings } from '../../src/runbook/lint.ts'

const schemas = await createCatalogue().schemas()
const shipped = (await listRunbooks(null)).find(({ name }) => name === 'enterprise')
const source = await readRunbook({ dir: shipped?.dir ?? '', cwd: process.cwd() })
const own = [...source.files.keys()].filter((path) => path.startsWith(source.root) && path.endsWith('.yaml') && !path.includes('/examples/'))
const settings: LintSettings = {
  config: { holidays: [], capabilities: {}, roles: {} },
  levels: {},
  dates: { from: '2026-12-01', go_live: '2027-02-01' },
}

/** What hands slip on: brackets, quotes, expressions, indentation, YAML's own marks, and bytes that are no text. */
const SNIPPETS = [
  '${{', '}}', '"', "'", '[', ']', '{', '}', ':', '- ', '\n', '\t', '  ', '#', '&a ', '*a', '!!', '? ', '|', '>', '%', '@', '`', '\0', '\u202e', '\ud800',
  'steps.tenant.outputs', 'phases.', 'has(', '.?', '.orValue(', '&&', '||', '!', '((((', '[[[[', '-9223372036854775809', '1e999', '.map(x, ', 'each', 'null', 'true',
  'on: [day 1]', 'for_each: ', 'needs: [', 'thresholds:', '__proto__: 1', 'constructor', 'milestones: 3', 'when: false', 'uses: decision', '<<: *a', '---\n', 'add_days(',
]

const change = fc.record({
  file: fc.nat(),
  at: fc.nat(),
  kind: fc.constantFrom('insert', 'delete', 'replace', 'duplicate', 'move', 'truncate'),
  size: fc.integer({ min: 1, max: 60 }),
  snippet: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...SNIPPETS) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) }),
})

function mutated(text: string, { at, kind, size, snippet }: { at: number; kind: string; size: number; snippet: string }): string {
  const from = at % (text.length + 1)
  const part = text.slice(from, from + size)
  const rest = text.slice(0, from) + text.slice(from + size)
  if (kind === 'insert') return text.slice(0, from) + snippet + text.slice(from)
  if (kind === 'delete') return rest
  if (kind === 'replace') return text.slice(0, from) + snippet + text.slice(from + size)
  if (kind === 'duplicate') return text.slice(0, from) + part + text.slice(from)
  if (kind === 'move') return rest.slice(0, (from * 7) % (rest.length + 1)) + part + rest.slice((from * 7) % (rest.length + 1))
  return text.slice(0, from)
}

test('a mangled runbook gives findings with places, never an exception, each in under a second', () => {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let slowest = 0
  fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
    const files = new Map(source.files)
    for (const one of changes) {
      const path = own[one.file % own.length] ?? ''
      files.set(path, encoder.encode(mutated(decoder.decode(files.get(path)), one)))
    }
    const timed = () => {
      const begun = performance.now()
      return { ...lintRunbook({ ...source, files }, schemas, settings), took: performance.now() - begun }
    }
    const { runbook, diagnostics, took } = timed()
    // A machine that was busy elsewhere is not busy for the same file three times.
    slowest = Math.max(slowest, took < 1000 ? took : Math.min(took, timed().took, timed().took))
    for (const { file, line, col, message, rule } of diagnostics) {
      expect(own.some((path) => path.endsWith(file) || file.endsWith(path)), file).toBe(true)
      expect(line).toBeGreaterThanOrEqual(1)
      expect(col).toBeGreaterThanOrEqual(1)
      expect(rule).toMatch(/^[a-z-]+$/)
      expect(message).not.toMatch(/undefined|\[object|NaN|Cannot read|is not a function|at .*\.ts:/)
    }
    expect(runbook === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'))
  }), { numRuns: Number(process.env['FUZZ_RUNS'] ?? 250), endOnFailure: true })
  expect(slowest).toBeLessThan(1000)
}, 600_000)
