import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import type { Schema } from '../../src/model.ts'
import { packageRoot } from '../../src/package.ts'
import { editorSchema, laidOut } from '../../src/runbook/editor-schema.ts'
import { cli } from '../support/cli.ts'
import { type Editor, openEditor } from '../support/language-server.ts'

const HEAD = '# yaml-language-server: $schema=../../../schemas/phase.schema.json\napiVersion: onboard/v1\nphase: scratch\ntitle: Scratch\nsteps:\n'
const SCRATCH = 'runbooks/enterprise/phases/scratch.yaml'
const schemas = await createCatalogue().schemas()

async function yamlIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.yaml')).map((entry) => join(entry.parentPath, entry.name)).sort()
}

test('the schema of phases is what the actions of today make of it (npm run schemas)', async () => {
  const committed = await readFile(join(packageRoot, 'schemas/phase.schema.json'), 'utf8')
  expect(`${laidOut(editorSchema(JSON.parse(committed) as Schema, schemas))}\n`).toBe(committed)
})

describe('yaml-language-server', () => {
  let editor: Editor
  beforeAll(async () => void (editor = await openEditor(packageRoot)))
  afterAll(() => editor.close())

  test('has no complaint about any shipped runbook, its tests and its examples', async () => {
    const files = await yamlIn(join(packageRoot, 'runbooks'))
    expect(files.length).toBeGreaterThan(5)
    for (const file of files) {
      const text = await readFile(file, 'utf8')
      expect(text, file).toMatch(/^# yaml-language-server: \$schema=/)
      expect(await editor.open(relative(packageRoot, file), text), file).toEqual([])
    }
  })
  test('complains about an action that there is not, an input that it does not take, and one that it needs', async () => {
    const said = await editor.open(SCRATCH, `${HEAD}  - { id: a, title: A, uses: tenant.recrod }\n  - { id: b, title: B, uses: confirm, with: { txt: Well? } }\n`)
    const lines = said.map(({ range }) => range.start.line)
    expect(lines).toContain(5)
    expect(said.filter(({ range }) => range.start.line === 6).map(({ message }) => message).join('\n')).toMatch(/text[^]*txt|txt[^]*text/)
  })
  test('takes an expression wherever a value may stand', async () => {
    const steps = '  - { id: a, title: A, uses: tenant.settings, with: { tenant: x, limits: "${{ config.limits }}", mfa: "${{ config.security.mfa }}" } }\n'
    expect(await editor.open('runbooks/enterprise/phases/scratch-2.yaml', HEAD + steps)).toEqual([])
  })
  test('uses: lists every action, and says of each what it does', async () => {
    const path = 'runbooks/enterprise/phases/scratch-3.yaml'
    await editor.open(path, `${HEAD}  - id: a\n    title: A\n    uses: \n`)
    expect((await editor.complete(path, 7, 10)).toSorted()).toEqual([...schemas.keys()].sort())
    const named = 'runbooks/enterprise/phases/scratch-4.yaml'
    await editor.open(named, `${HEAD}  - id: a\n    title: A\n    uses: tenant.record\n    with:\n      slug: x\n      name: X\n      plan: y\n      \n`)
    expect(await editor.hover(named, 7, 14)).toContain(schemas.get('tenant.record')?.title.slice(0, 30))
    expect(await editor.hover(named, 8, 6)).toContain('Creates the tenant')
    expect(await editor.complete(named, 12, 6)).toContain('region')
  })
})

describe('the settings that init writes', () => {
  let dir = ''
  let editor: Editor
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onboard-'))
    await cli(['init', '.'], { cwd: dir })
    await cli(['runbook', 'new', 'ours'], { cwd: dir })
    editor = await openEditor(dir, JSON.parse(await readFile(join(dir, '.vscode/settings.json'), 'utf8')) as Record<string, unknown>)
  })
  afterAll(async () => {
    await editor.close()
    await rm(dir, { recursive: true })
  })
  test('give every file of the workspace its schema, also where the file itself names none', async () => {
    const files = await yamlIn(dir)
    expect(files.length).toBe(7)
    for (const file of files) {
      const text = await readFile(file, 'utf8')
      const path = relative(dir, file)
      expect(await editor.open(path, text), path).toEqual([])
      const unnamed = `${text.replace(/^# yaml-language-server.*\n/, '')}\nno_such_key: 1\n`
      const copy = path.startsWith('runbooks/ours/') ? path.replace('ours', 'copy') : `copy/${path}`
      const said = await editor.open(copy, unnamed)
      expect(said.map(({ message }) => message), path).toEqual([expect.stringContaining('no_such_key')])
    }
  })
})

describe('a workspace with actions of its own', () => {
  const greet = (input: string) => `import { defineProbe } from 'onboard/action'
export default defineProbe({
  title: 'Says a word to somebody.', example: { ${input}: 'acme' },
  input: { type: 'object', additionalProperties: false, required: ['${input}'], properties: { ${input}: { type: 'string' } } },
  output: { type: 'object', additionalProperties: false, properties: {} },
  touches: 'nothing', max_age_ms: 0,
  probe: async () => ({ result: 'pass', summary: 'said', data: null }), outputs: () => ({}),
})
`
  const phase = (steps: string) => `apiVersion: onboard/v1\nphase: one\ntitle: One\nowner: [engineering]\nsteps:\n${steps}`
  let dir = ''
  const home = () => ({ cwd: dir, env: { ONBOARD_HOME: join(dir, 'home') } })
  const open = async () => openEditor(dir, JSON.parse(await readFile(join(dir, '.vscode/settings.json'), 'utf8')) as Record<string, unknown>)
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'onboard-'))
    await mkdir(join(dir, 'actions'))
    await writeFile(join(dir, 'actions/greet.ts'), greet('to'))
  })
  afterAll(() => rm(dir, { recursive: true }))

  test('is known to the editor by their names once it was made, and by what they take once it is trusted', async () => {
    await cli(['init', '.'], home())
    const step = (given: string) => phase(`  - { id: a, title: A, uses: greet, with: { ${given} } }\n`)
    const before = await open()
    expect(await before.open('runbooks/ours/phases/one.yaml', step('anything: 1'))).toEqual([])
    expect(await before.open('runbooks/ours/phases/two.yaml', phase('  - { id: a, title: A, uses: gret }\n'))).not.toEqual([])
    await before.close()

    const trusted = await cli(['trust'], home())
    expect(trusted.stdout).toContain('.onboard/schemas')
    expect((await cli(['trust'], home())).stdout).not.toContain('.onboard/schemas')
    const after = await open()
    expect(await after.open('runbooks/ours/phases/one.yaml', step('to: all'))).toEqual([])
    expect(JSON.stringify(await after.open('runbooks/ours/phases/two.yaml', step('too: all')))).toContain('too')
    await after.open('runbooks/ours/phases/three.yaml', phase('  - id: a\n    title: A\n    uses: \n'))
    expect(await after.complete('runbooks/ours/phases/three.yaml', 7, 10)).toContain('greet')
    await after.close()
  })
  test('is trusted also where one of them cannot be loaded, which is said', async () => {
    await writeFile(join(dir, 'actions/broken.ts'), 'export default 1\n')
    const { exit, stdout } = await cli(['trust'], home())
    expect(exit).toBe(0)
    expect(stdout).toContain('the action broken cannot be loaded')
  })
})
