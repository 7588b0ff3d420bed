import { PassThrough } from 'node:stream'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { colours } from '../../src/cli/colours.ts'
import { createOutput, type Io } from '../../src/cli/output.ts'
import { bold, red } from '../../src/cli/style.ts'
import { briefly } from '../../src/cli/views/reason.ts'
import { clip } from '../../src/cli/views/value.ts'
import { width } from '../../src/cli/width.ts'

function io({ tty = false, env = {} }: { tty?: boolean; env?: Record<string, string> } = {}): Io & { text(): string } {
  let text = ''
  const sink = { isTTY: tty, columns: 80, write: (more: string) => void (text += more) }
  return { stdin: new PassThrough(), stdout: sink, stderr: sink, env, cwd: '/', text: () => text }
}

test('data brings no escape codes along, and styles do only where colours are wanted', async () => {
  const painted = io({ tty: true })
  createOutput(painted, await colours(painted, false)).line(bold('a'), ' ', red('\u001b[2Jb'), '\nc')
  expect(painted.text()).toBe('\u001b[1ma\u001b[22m \u001b[31m\\e[2Jb\u001b[39m\\nc\n')
  const cases: readonly [{ tty?: boolean; env?: Record<string, string> }, boolean][] = [
    [{}, false], [{ tty: true, env: { NO_COLOR: '1' } }, false], [{ tty: true, env: { TERM: 'dumb' } }, false], [{ tty: true }, true],
  ]
  for (const [given, refused] of cases) {
    const plain = io(given)
    createOutput(plain, await colours(plain, refused)).line(bold('a'))
    expect(plain.text()).toBe('a\n')
  }
})

test('columns stand under each other in any script', () => {
  const out = io()
  createOutput(out, {}).table([['株式会社', 'a'], ['Ünïcödé', 'b'], ['x', 'c']])
  expect(out.text().split('\n').slice(0, 3).map((line) => width(line.slice(0, -1)))).toEqual([10, 10, 10])
})

test('a text that is narrow on sight takes as many columns as the library says', () => {
  for (let code = 0x20; code < 0x3000; code++) {
    const character = String.fromCodePoint(code)
    expect(width(character), code.toString(16)).toBe(stringWidth(character))
  }
})

test('in a GitHub job no line of data begins a workflow command', () => {
  const out = io({ env: { GITHUB_ACTIONS: 'true' } })
  createOutput(out, {}).line('::add-mask::x')
  expect(out.text()).toBe('\\u{3a}:add-mask::x\n')
})

test('clip counts columns, not characters, and never cuts one in two', () => {
  expect(clip('short', 10)).toBe('short')
  expect(clip('株式会社アクメ', 7)).toBe('株式会…')
  expect(clip('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…')
})

test('a reason is said in the fewest words', () => {
  expect(briefly('needs contract.a, contract.b, provision.tenant', 'provision')).toBe('needs contract, tenant')
  expect(briefly('waits for legal', 'contract')).toBe('waits for legal')
  expect(briefly(null, 'contract')).toBeNull()
})
