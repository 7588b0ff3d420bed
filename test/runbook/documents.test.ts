import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import type { RunbookChange } from '../../src/runbook/diff.ts'
import { cli, cliJson } from '../support/cli.ts'

let dir = ''
const rewrite = async (path: string, from: string, to: string) => {
  const text = await readFile(join(dir, path), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(dir, path), text.replaceAll(from, to))
}
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  await cp(join(packageRoot, 'test/runbook/fixtures/runbooks'), join(dir, 'runbooks'), { recursive: true })
  await cp(join(dir, 'runbooks/inventory'), join(dir, 'older/runbooks/inventory'), { recursive: true })
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\n')
})
afterAll(() => rm(dir, { recursive: true }))

describe('runbook graph', () => {
  test('says what comes before what, to people, to Mermaid and to Graphviz', async () => {
    const { result } = await cliJson<{ needs: object[]; order: object[] }>('runbook-graph', ['runbook', 'graph', 'inventory'], { cwd: dir })
    expect(result.order).toEqual([{ from: 'prepare', to: 'shelves' }])
    expect(result.needs).toContainEqual({ from: 'shelves.warehouse', to: 'shelves.shelf' })
    const drawn = (format: string) => cli(['runbook', 'graph', 'inventory', '--format', format], { cwd: dir })
    expect((await drawn('text')).stdout).toContain('agreed  ✍ The customer agrees  ← small_enough')
    expect((await drawn('mermaid')).stdout).toContain('  n_shelves__warehouse --> n_shelves__shelf\n')
    expect((await drawn('dot')).stdout).toContain('"shelves.warehouse" -> "shelves.shelf"\n')
  })
  test('a title cannot bring syntax of its own', async () => {
    await rewrite('runbooks/inventory/phases/shelves.yaml', 'title: The warehouse', String.raw`title: 'x"]; click n "javascript:1" <b>\'`)
    const mermaid = (await cli(['runbook', 'graph', 'inventory', '--format', 'mermaid'], { cwd: dir })).stdout
    const line = mermaid.split('\n').find((one) => one.includes('javascript'))
    expect(line).toMatch(/^ {4}n_shelves__warehouse\["[^"<>]*"\]$/)
    const dot = (await cli(['runbook', 'graph', 'inventory', '--format', 'dot'], { cwd: dir })).stdout
    expect(dot).toContain(String.raw`label="x\"]; click n \"javascript:1\" <b>\\"`)
    await rewrite('runbooks/inventory/phases/shelves.yaml', String.raw`title: 'x"]; click n "javascript:1" <b>\'`, 'title: The warehouse')
  })
})

describe('runbook docs', () => {
  test('has each phase with its owner and duration, a box to tick for each step, and what is asked of whom', async () => {
    const { result } = await cliJson<{ markdown: string }>('runbook-docs', ['runbook', 'docs', 'enterprise'])
    const { markdown } = result
    expect(markdown).toContain('| 2 | Contract and legal | legal | 5–20 business days | `handoff` |')
    expect(markdown).toContain('```mermaid\nflowchart TD\n')
    expect(markdown).toMatch(/^- \[ \] \*\*The contract is signed\*\* \(signed/m)
    expect(markdown).toContain('asked of legal. Evidence is required.')
    expect(markdown).toContain('| Logins that succeed | at least 99 % | below 95 % | 24 h | 20 observations |')
    expect(markdown).toContain('| `provisioned` | 4 business days before `onboarding.go_live` | Create the first administrator and hand the login over; The administrator can sign in |')
    expect(markdown).toMatch(/^\| `check_in` \|.*\| days 3–5, 8, 11 \|/m)
    expect(markdown).toContain('| `customer-request` | the customer asks for it |')
    expect(markdown).toMatch(/How to go about it follows from the condition\*\*: the first row that holds\.\n\n\| # \| If \| Then \|\n\| --- \| --- \| --- \|\n\| 1 \| `procedure\.condition == 'critical'` \| at-once \|/)
    expect(markdown).toContain('| `severity` | How severe is it? | `P0`, `P1`, `P2`, `P3` |')
    expect(markdown.match(/^- \[ \] /gm)?.length).toBe(markdown.match(/^\| `[a-z_]+` \| [^|]* \| (done|checked|asked) by/gm)?.length)
  })
})

describe('runbook diff', () => {
  const diff = async () => (await cliJson<{ changes: RunbookChange[] }>('runbook-diff', ['runbook', 'diff', 'older/runbooks/inventory', 'inventory'], { cwd: dir })).result.changes
  test('the same runbook does not differ, and says so by its exit', async () => {
    expect(await diff()).toEqual([])
    expect((await cli(['runbook', 'diff', 'older/runbooks/inventory', 'inventory', '--detailed-exitcode'], { cwd: dir })).exit).toBe(0)
  })
  test('says of each change what it means for onboardings under way', async () => {
    const shelves = 'runbooks/inventory/phases/shelves.yaml'
    await rewrite('runbooks/inventory/phases/prepare.yaml', 'agree to the layout', 'like the layout')
    await rewrite('runbooks/inventory/phases/prepare.yaml', '<= 5000', '<= 4000')
    await rewrite(shelves, 'label: "for ${{ each }}"', 'label: "shelf of ${{ each }}"')
    await rewrite(shelves, 'id: counted', 'id: present')
    await rewrite(shelves, 'title: Shelves', 'title: The shelves')
    const said = (await diff()).map(({ id, what, impact }) => `${id} ${what} ${impact}`)
    expect(said).toEqual([
      'prepare.small_enough changed again', 'prepare.agreed changed void', 'shelves changed none', 'shelves.shelf changed again', 'shelves.present renamed new',
    ])
    expect((await cli(['runbook', 'diff', 'older/runbooks/inventory', 'inventory', '--detailed-exitcode'], { cwd: dir })).exit).toBe(4)
  })
})
