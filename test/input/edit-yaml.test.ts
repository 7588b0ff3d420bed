import { expect, test } from 'vitest'
import { withValue } from '../../src/input/edit-yaml.ts'

const edit = (text: string, path: readonly string[], value: unknown) => Buffer.from(withValue(Buffer.from(text), path, value)).toString()
const YAML = `# Of Acme.
company: { name: Acme } # the customer

contacts:
  # who
  primary: { name: Ada }
notes: "yes" # a text
`

test('one value is set; comments, order and texts stay as they are', () => {
  expect(edit(YAML, ['contacts', 'it_admin'], { name: 'Uta' })).toBe(YAML.replace('{ name: Ada }\n', '{ name: Ada }\n  it_admin: { name: Uta }\n'))
  expect(edit(YAML, ['contacts', 'primary'], { name: 'no' })).toContain('primary: { name: no }')
})

test('one value is taken out; what is not there stays not there', () => {
  expect(edit(YAML, ['contacts'], undefined)).not.toContain('primary')
  expect(edit(YAML, ['contacts', 'nobody'], undefined)).toBe(YAML)
})

test('a long text is not folded, and JSON stays JSON', () => {
  const long = 'word '.repeat(60).trim()
  expect(edit('a: 1\n', ['b'], long)).toBe(`a: 1\nb: ${long}\n`)
  expect(JSON.parse(edit('{ "a": { "b": 1 } }', ['a', 'c'], 'x'))).toEqual({ a: { b: 1, c: 'x' } })
})
