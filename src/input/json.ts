import type { Finding } from './text.ts'
import { LIMITS, type Tree } from './tree.ts'
import { shown } from './unsafe.ts'

class Malformed extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// oxlint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const WORD = /[A-Za-z_$][\w$]*/y

/** JSON as RFC 8259 has it → a tree with places; the first mistake ends it, said with the way to mend it. */
export function parseJson(text: string): { readonly tree: Tree | undefined; readonly findings: readonly Finding[] } {
  const findings: Finding[] = []
  try {
    return { tree: new Parser(text, findings).whole(), findings }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return {
      tree: undefined, findings: [...findings, { offset: error.offset, message: error.message, rule: 'syntax' }],
    }
  }
}

class Parser {
  readonly #text: string
  readonly #findings: Finding[]
  #at = 0

  constructor(text: string, findings: Finding[]) {
    this.#text = text
    this.#findings = findings
  }

  whole(): Tree {
    const tree = this.#value(1)
    this.#skip()
    if (this.#at < this.#text.length) this.#fail('the JSON document ends before this; one file holds one document')
    return tree
  }

  #value(depth: number): Tree {
    this.#skip()
    if (depth > LIMITS.depth) this.#fail(`nested more than ${LIMITS.depth} levels deep`)
    const offset = this.#at
    const first = this.#text[offset]
    if (first === '{') return this.#object(depth)
    if (first === '[') return this.#list(depth)
    if (first === '"') return this.#scalar(offset, this.#string(), 'double')
    const number = this.#take(NUMBER)
    if (number !== undefined) {
      if (/^\d/.test(this.#text[this.#at] ?? '')) {
        this.#fail('a number must not begin with 0: put it in quotes where the zeros count', offset)
      }
      return this.#scalar(offset, Number(number), 'plain')
    }
    const word = this.#take(WORD)
    if (word === 'true' || word === 'false') return this.#scalar(offset, word === 'true', 'plain')
    if (word === 'null') return this.#scalar(offset, null, 'plain')
    if (word !== undefined) this.#fail(`${word} is no JSON value: text stands in double quotes`, offset)
    return this.#unexpected('a value')
  }

  #object(depth: number): Tree {
    const offset = this.#at++
    const entries: { key: string; offset: number; value: Tree }[] = []
    const seen = new Set<string>()
    this.#skip()
    if (this.#text[this.#at] === '}') return this.#at++, { kind: 'map', offset, entries }
    for (;;) {
      this.#skip()
      const at = this.#at
      if (this.#text[at] !== '"') this.#unexpected('a key in double quotes')
      const key = this.#string()
      this.#skip()
      if (this.#text[this.#at] !== ':') this.#unexpected('":" after the key')
      this.#at++
      const value = this.#value(depth + 1)
      if (key === '__proto__') this.#findings.push({ offset: at, message: '"__proto__" cannot be a key', rule: 'key' })
      else if (seen.has(key)) {
        this.#findings.push({ offset: at, message: `duplicate key ${shown(key)}`, rule: 'duplicate-key' })
      } else {
        entries.push({ key, offset: at, value })
      }
      seen.add(key)
      if (this.#more('}')) return { kind: 'map', offset, entries }
    }
  }

  #list(depth: number): Tree {
    const offset = this.#at++
    const items: Tree[] = []
    this.#skip()
    if (this.#text[this.#at] === ']') return this.#at++, { kind: 'list', offset, items }
    for (;;) {
      items.push(this.#value(depth + 1))
      if (this.#more(']')) return { kind: 'list', offset, items }
    }
  }

  /** After an item: true at the closing bracket, false after a comma that something follows. */
  #more(close: string): boolean {
    this.#skip()
    const mark = this.#text[this.#at]
    if (mark === close) return this.#at++, true
    if (mark !== ',') this.#unexpected(`"," or "${close}"`)
    const comma = this.#at++
    this.#skip()
    if (this.#text[this.#at] === close) this.#fail(`a comma before "${close}": remove it`, comma)
    return false
  }

  #string(): string {
    const offset = this.#at
    const source = this.#take(STRING)
    if (source === undefined) {
      this.#fail('this text does not end, or holds a line break or an escape that JSON does not know', offset)
    }
    return JSON.parse(source) as string
  }

  #scalar(offset: number, value: null | boolean | number | string, style: 'plain' | 'double'): Tree {
    return { kind: 'scalar', offset, end: this.#at, value, style, source: this.#text.slice(offset, this.#at) }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #skip(): void {
    this.#take(SPACE)
    if (this.#text.startsWith('//', this.#at) || this.#text.startsWith('/*', this.#at)) {
      this.#fail('JSON has no comments: remove it, or name the file .yaml')
    }
  }

  #unexpected(wanted: string): never {
    if (this.#at >= this.#text.length) this.#fail(`the file ends where ${wanted} should stand`)
    const found = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)
    this.#fail(`${wanted} should stand here, not ${shown(found)}`)
  }

  #fail(message: string, offset = this.#at): never {
    throw new Malformed(offset, message)
  }
}
