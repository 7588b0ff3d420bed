import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../src/input/yaml.ts'
import { find, type ScalarNode } from '../../src/input/tree.ts'
import { offsetInFile } from '../../src/runbook/positions.ts'

function scalar(text: string, path: (string | number)[]): ScalarNode {
  const { tree, findings } = parseYaml(text)
  expect(findings).toEqual([])
  const { node } = find(tree, path)
  if (node?.kind !== 'scalar') throw new Error('no scalar there')
  return node
}

/** Every letter of the value must stand in the file where offsetInFile says, whatever the style. */
function everyLetterIsFound(text: string, path: (string | number)[]): void {
  const node = scalar(text, path)
  const value = String(node.value)
  for (let i = 0; i < value.length; i++) {
    const at = offsetInFile(node, i)
    if (/[A-Za-z0-9{}$.]/.test(value[i] ?? '')) expect(`${i}:${text[at]}`).toBe(`${i}:${value[i]}`)
    expect(at).toBeGreaterThanOrEqual(node.offset)
    expect(at).toBeLessThanOrEqual(node.end)
  }
}

describe('the place of a character of a scalar', () => {
  const cases: Record<string, string> = {
    'plain': 'a: xy ${{ abc }} z\n',
    'plain over several lines': 'a: first line\n  second line\n\n\n  third\nb: 1\n',
    'single quotes': "a: 'it''s ${{ x }} and ''y'''\n",
    'single quotes over several lines': "a: 'one  \n\n   two\n  three'\n",
    'double quotes': 'a: "tab\\t ${{ x }} \\u00e9 \\xe9b \\U0001F600 c"\n',
    'double quotes over several lines': 'a: "one \\\n    two\n\n    three\\\n    \\ four"\n',
    'literal block': 'a: |\n  first ${{ x }}\n    deeper\n\n  last\nb: 1\n',
    'literal block, kept and stripped': 'a: |+\n  one\n\n\nb: |-\n  two\n',
    'literal block with an indicator': 'a: |2\n    deep first\n  then\n',
    'literal block that begins with blank lines': 'a: |\n\n\n  text\n',
    'folded block': 'a: >\n  one\n  two\n\n  three\n    deep\n    deep too\n  four\n\n\n  five\n',
    'folded block, stripped, with a comment': 'a: >- # why\n  one ${{ x\n  && y }}\n',
    'flow map': 'z: { b: 1, a: "x ${{ y }}" }\na: { b: ${{x}} }\n'.replace('${{x}}', "'${{x}}'"),
  }
  for (const [name, text] of Object.entries(cases)) {
    const path = name === 'flow map' ? ['z', 'a'] : ['a']
    test(name, () => everyLetterIsFound(text, path))
    test(`${name}, CRLF`, () => everyLetterIsFound(text.replaceAll('\n', '\r\n'), path))
  }

  test('holds for any text in any block or quoted style', () => {
    const line = fc.stringMatching(/^( {0,3}[a-z0-9${}.'"\\#]{1,8}( {1,2}[a-z0-9]{1,5}){0,3} {0,2})?$/)
    const style = fc.constantFrom('|', '|-', '|+', '>', '>-', '>+')
    const ending = fc.constantFrom('\n', '\r\n')
    fc.assert(fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), style, ending, (lines, header, eol) => {
      fc.pre(/^\S/.test(lines[0] ?? ''))
      const text = ['s:', `  - a: ${header}`, ...lines.map((one) => (one === '' ? '' : `      ${one}`)), '    b: 1', ''].join(eol)
      const node = scalar(text, ['s', 0, 'a'])
      const value = String(node.value)
      for (let i = 0; i < value.length; i++) {
        if (value[i] !== ' ' && value[i] !== '\n') expect(text[offsetInFile(node, i)]).toBe(value[i])
      }
    }), { numRuns: 400 })
  })
})
