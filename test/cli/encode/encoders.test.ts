import { describe, expect, test } from 'vitest'
import { csv } from '../../../src/cli/encode/csv.ts'
import { github, githubLine } from '../../../src/cli/encode/github.ts'
import { junit } from '../../../src/cli/encode/junit.ts'
import { markdown } from '../../../src/cli/encode/markdown.ts'
import { terminal } from '../../../src/cli/encode/terminal.ts'

/** What people and attackers put into names; every encoder is given all of it. */
const CORPUS = [
  'Acme Industrial GmbH', 'Ünïcödé & Söhne', '株式会社アクメ', 'شركة أكمي', 'חברת אקמה', '👩‍👩‍👧 Family', 'न्यायालय',
  '\u001b[2J\u001b[31mred\u001b[0m', '\u001b]0;title\u0007', '\u009b31m', 'a\rb', 'a\nb', 'a\u2028b', 'tab\there', '\u0000nul', '\u007f',
  '\u202emoc.elpmaxe', '\u2066isolate\u2069', 'zero\u200bwidth', '\ufeffbom', 'soft\u00adhyphen', 'tag\u{e0041}', 'lone\ud800surrogate', '\udfff',
  "'; DROP TABLE tenants; --", '<script>alert(1)</script>', ']]>', '&amp; "quoted" \'single\'', '=1+1', '+1', '-1', '@SUM(A1)', ' =1', '\t=1', '\uff1d1',
  '::set-output name=x::y', '  ::error::x', '##[error]x', '%0A::error::x', 'a:b,c=d', '**bold** _it_ `code` [x](http://evil.example) ![i](x) | cell |', '# head', '@octocat #1', '~~x~~',
  'x'.repeat(5000), '',
]

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

describe('terminal', () => {
  test.each(CORPUS)('%j brings nothing that a terminal acts on', (text) => {
    const shown = terminal(text)
    expect(shown).not.toMatch(CONTROL)
    expect(shown).not.toMatch(BIDI)
    expect(shown).not.toMatch(/[\n\t\u2028\u2029\u200b\ufeff]/)
    expect(shown.isWellFormed()).toBe(true)
  })
  test('says which character it was', () => {
    expect(terminal('\u001b[31m')).toBe('\\e[31m')
    expect(terminal('a\u202eb\n')).toBe('a\\u{202e}b\\n')
  })
  test('leaves names in any script and joined emoji as they are', () => {
    for (const name of ['Ünïcödé & Söhne', '株式会社アクメ', 'شركة أكمي', '👩‍👩‍👧', 'न्यायालय']) expect(terminal(name)).toBe(name)
  })
})

describe('github', () => {
  test.each(CORPUS)('%j stays inside one annotation', (text) => {
    const line = github({ level: 'error', message: text, title: text, file: text, line: 3 })
    expect(line.endsWith('\n')).toBe(true)
    expect(line.slice(0, -1)).not.toMatch(/[\n\r]/)
    const [, properties = '', message = ''] = /^::error ([^\n]*?)::(.*)\n$/.exec(line) ?? []
    expect(properties.split(',')).toHaveLength(3)
    expect(decodeURIComponent(message.replaceAll('%0A', '\n').replaceAll(/%(?!25)/g, '%25'))).toContain(terminal(text.split(/\r\n|\n|\r/)[0] ?? ''))
  })
  test('ordinary lines cannot begin a command', () => {
    expect(githubLine('::error::x')).not.toMatch(/^\s*::/)
    expect(githubLine('   ::error::x')).not.toMatch(/^\s*::/)
    expect(githubLine('x ##[error]y')).not.toContain('##[')
  })
})

describe('junit', () => {
  test.each(CORPUS)('%j is well-formed text of the document', (text) => {
    const document = junit('onboard', [{ suite: text, name: text, state: 'failed', message: text }])
    expect(document).not.toMatch(CONTROL)
    expect(document.replaceAll(/&(?:amp|lt|gt|quot|apos|#10);/g, '')).not.toContain('&')
    expect(document.match(/</g)).toHaveLength(8)
    expect(document.isWellFormed()).toBe(true)
  })
})

describe('markdown', () => {
  test.each(CORPUS)('%j has no markup of its own', (text) => {
    const encoded = markdown(text)
    expect(encoded).not.toMatch(/[\n\r]/)
    expect(encoded.replaceAll('@<!-- -->', '').replaceAll(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[!-/:-@[-`{-~]/)
    expect(encoded).not.toMatch(BIDI)
  })
})

describe('csv', () => {
  test.each(CORPUS)('%j is one field that no spreadsheet calculates', (text) => {
    const record = csv([text, 1])
    const inner = /^"((?:[^"]|"")*)",1\r\n$/.exec(record)?.[1]
    expect(inner).toBeDefined()
    expect(inner).not.toMatch(/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/)
    expect(inner?.replaceAll('""', '"').replace(/^'/, '')).toBe(text.replace(/^'/, ''))
  })
})
