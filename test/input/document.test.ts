import { describe, expect, test } from 'vitest'
import { parseOnly, readDocument } from '../../src/input/document.ts'

const read = (text: string | Uint8Array, file = 'a.yaml') => parseOnly(typeof text === 'string' ? Buffer.from(text) : text, { file })
const said = (text: string | Uint8Array, file?: string) => read(text, file).diagnostics.map(({ line, col, message, rule }) => `${line}:${col} ${message} [${rule}]`)

describe('bytes', () => {
  test('not UTF-8: the first wrong byte is named', () => {
    const bytes = Buffer.concat([Buffer.from('company: Ä\nname: M'), Buffer.from([0xfc]), Buffer.from('ller\n')])
    expect(said(bytes)).toEqual(['1:1 the file is not UTF-8: byte 0xfc at offset 19 (line 2); save it as UTF-8 [encoding]'])
  })

  test.each([
    ['a character cut off at the end', Buffer.from([0x61, 0x3a, 0x20, 0xc3]), 3],
    ['an overlong form', Buffer.from([0x61, 0xc0, 0xaf]), 1],
    ['half of a surrogate pair', Buffer.from([0x61, 0x62, 0xed, 0xa0, 0x80]), 3],
    ['a lone continuation', Buffer.from([0x80]), 0],
  ])('%s', (_name, bytes, offset) => {
    expect(said(bytes).join()).toContain(`at offset ${offset} `)
  })

  test('UTF-16 is named', () => {
    expect(said(Buffer.from('\ufeffa: 1', 'utf16le')).join()).toContain('UTF-16')
  })

  test('a byte order mark at the start is no part of the text', () => {
    const { value, diagnostics, locate } = read('\ufeffa: 1\n')
    expect([value, diagnostics, locate(['a'])]).toEqual([{ a: 1 }, [], { file: 'a.yaml', line: 1, col: 1 }])
  })

  test('50 MB are refused without being parsed', () => {
    const before = performance.now()
    expect(said(Buffer.alloc(50 * 1024 * 1024, 'a: 1\n')).join()).toMatch(/52428800 bytes; at most 1048576 are read/)
    expect(performance.now() - before).toBeLessThan(500)
  })
})

describe('YAML', () => {
  test('values are those of YAML 1.2', () => {
    expect(read('{a: no, b: 1:30, c: 0o14, d: 2026-12-01, e: ~, f: 1e3, g: "012", h: 0x1F}').value).toEqual({ a: 'no', b: '1:30', c: 12, d: '2026-12-01', e: null, f: 1000, g: '012', h: 31 })
  })

  test('every place is that of the value or key', () => {
    const { locate } = read('a:\n  - b: 1\n    c: [x, y]\n')
    expect(locate(['a', 0, 'c', 1])).toMatchObject({ line: 3, col: 12 })
    expect(locate(['a', 0, 'missing'])).toMatchObject({ line: 2, col: 5 })
    expect(locate(['nowhere', 'at', 'all'])).toMatchObject({ line: 1, col: 1 })
  })

  test('aliases are read, within bounds', () => {
    expect(read('a: &x [1, 2]\nb: *x\n').value).toEqual({ a: [1, 2], b: [1, 2] })
    expect(said('a: &x { b: *x }').join()).toContain('stands inside what it repeats')
    expect(said('a: *x').join()).toContain('has no anchor')
  })

  test.each([
    ['a: &x {}\nb: { <<: *x }', 'merge keys'],
    ['__proto__: { admin: true }', '"__proto__" cannot be a key'],
    ['? [a]\n: 1', 'a key must be text'],
    ['a: !!binary aGk=', 'tags such as !!binary are not read'],
    ['when: !admin', 'tags such as !admin'],
    ['a: 9007199254740993', 'too many digits'],
    ['a: .inf', 'must be a number that can be written in digits'],
    ['a: 007', '007 would be the number 7'],
    ['a: "x\\u0000y"', 'control character U+0000'],
    ['a: "\\ud83d"', 'control character U+D83D'],
    ['"a\\e[2J": 1', 'control character U+001B'],
  ])('%j is refused', (text, message) => {
    expect(said(text).join()).toContain(message)
  })

  test('joiners and direction marks of names are kept', () => {
    const name = 'می\u200cخواهم \u200f(א) क\u094d\u200dष'
    expect(read(`a: ${name}`)).toMatchObject({ value: { a: name }, diagnostics: [] })
  })

  test('Windows line ends count as line ends', () => {
    expect(said('a: 1\r\nb: 012\r\n')).toHaveLength(1)
    expect(read('a: |\r\n  x\r\n  y\r\n')).toMatchObject({ value: { a: 'x\ny\n' }, diagnostics: [] })
  })

  test('a broken file of any size says at most a hundred things', () => {
    const { diagnostics } = read(Array.from({ length: 20_000 }, (_, i) => `k${i}: 'a' b`).join('\n'))
    expect(diagnostics.length).toBeLessThanOrEqual(101)
    expect(diagnostics.map(({ message }) => message).join()).toContain('more findings')
  })
})

describe('JSON', () => {
  test.each([
    ['{"a": 1 "b": 2}', '1:9 "," or "}" should stand here, not "\\""'],
    ['{"a": 1,\n}', '1:8 a comma before "}": remove it'],
    ["{'a': 1}", '1:2 a key in double quotes should stand here, not "\'"'],
    ['{"a": 01}', '1:7 a number must not begin with 0'],
    ['{"a": NaN}', '1:7 NaN is no JSON value'],
    ['{"a": "x\ny"}', '1:7 this text does not end'],
    ['{"a": 1} {"b": 2}', '1:10 the JSON document ends before this'],
    ['{"a": ', '1:7 the file ends where a value should stand'],
    ['{"a": 1, "a": 2}', '1:10 duplicate key "a"'],
    ['['.repeat(10_000), '1:51 nested more than 50 levels deep'],
    ['', '1:1 the file ends where a value should stand'],
  ])('%j', (text, message) => {
    expect(said(text, 'a.json').join()).toContain(message)
  })

  test('what JSON allows is read, tabs and all', () => {
    expect(read('{\n\t"a": [1, -2.5e3, true, null, "\\u00fc\\n"],\n\t"b": {}\n}', 'a.json')).toMatchObject({ value: { a: [1, -2500, true, null, 'ü\n'], b: {} }, diagnostics: [] })
  })

  test('a text of half a megabyte is no trouble', () => {
    expect(read(JSON.stringify({ a: 'x'.repeat(500_000) }), 'a.json').diagnostics).toEqual([])
  })
})

describe('against a schema', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', format: 'line' },
      count: { type: 'integer', default: 7 },
      target: { 'x-hint': 'all, or { one: NAME }', anyOf: [{ type: 'string', enum: ['all'] }, { type: 'object', additionalProperties: false, required: ['one'], properties: { one: { type: 'string' } } }] },
      tags: { type: 'array', uniqueItems: true, items: { type: 'string' } },
    },
  }
  const found = (text: string) => readDocument(Buffer.from(text), { file: 'a.yaml', schema }).diagnostics.map(({ line, col, message }) => `${line}:${col} ${message}`)

  test('defaults are filled in', () => {
    expect(readDocument(Buffer.from('name: x'), { file: 'a.yaml', schema }).value).toEqual({ name: 'x', count: 7 })
  })

  test('of several forms the one that was meant is explained', () => {
    expect(found('name: x\ntarget: { on: y }')).toEqual(['2:11 unknown key "on" in target; did you mean "one"?'])
    expect(found('name: x\ntarget: al')).toEqual(['2:9 target must be all, not "al"; did you mean all?'])
    expect(found('name: x\ntarget: 5')).toEqual(['2:9 target must be all, or { one: NAME }, not 5'])
  })

  test('an item that is there twice is named', () => {
    expect(found('name: x\ntags: [a, b, a]')).toEqual(['2:7 tags lists "a" twice'])
  })

  test('keys that every object has by birth are unknown keys', () => {
    expect(found('name: x\nconstructor: 1\ntoString: 2')).toEqual([
      '2:1 unknown key "constructor"; known here: name, count, target, tags',
      '3:1 unknown key "toString"; known here: name, count, target, tags',
    ])
  })

  test('values in messages are escaped and shortened', () => {
    expect(found(`name: x\ncount: "${'\u200fy'.repeat(100)}"`).join()).toMatch(/…/)
  })
})
