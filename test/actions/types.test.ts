import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'

/** A workspace beside whose actions the package lies with its types, as `npm install onboard` leaves it. */
let dir = ''
const tsc = (args: readonly string[], cwd: string) =>
  new Promise<string>((resolve) => execFile(process.execPath, [join(packageRoot, 'node_modules/typescript/bin/tsc'), ...args], { cwd }, (_error, stdout) => resolve(stdout)))

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  const installed = join(dir, 'node_modules/onboard')
  await mkdir(join(dir, 'actions'), { recursive: true })
  await mkdir(installed, { recursive: true })
  const { exports, version } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as { exports: Record<string, { types: string }>; version: string }
  await writeFile(join(installed, 'package.json'), JSON.stringify({ name: 'onboard', version, type: 'module', exports }))
  expect(await tsc(['-p', 'tsconfig.types.json', '--outDir', join(installed, 'dist/types')], packageRoot)).toBe('')
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { target: 'es2024', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [] }, include: ['actions'],
  }))
}, 60_000)
afterAll(() => rm(dir, { recursive: true }))

const action = (said: string) => `import { defineProbe, OnboardError, type Evidence } from 'onboard/action'

const passed = (summary: string): Evidence => ({ result: 'pass', summary, data: null })

export default defineProbe({
  title: 'Says a word.', example: { to: 'acme' },
  input: { type: 'object', additionalProperties: false, required: ['to'], properties: { to: { type: 'string' }, times: { type: 'integer', default: 1 } } },
  output: { type: 'object', additionalProperties: false, required: ['word'], properties: { word: { type: 'string' } } },
  touches: 'nothing', max_age_ms: 0,
  probe: async (read, { to, times }) => {
    if (times > 9) throw new OnboardError('failed', 'too-often', 'That is too often.')
    const row = await read.one<{ n: number }>('SELECT 1 AS n')
    return passed(to.repeat(times) + (row?.n ?? 0))
  },
  outputs: ({ to }) => ({ word: ${said} }),
})
`

test('an action of a workspace has types: of its inputs, of its outputs, of what it is given', async () => {
  await writeFile(join(dir, 'actions/greet.ts'), action('to'))
  expect(await tsc(['-p', '.'], dir)).toBe('')
  await writeFile(join(dir, 'actions/greet.ts'), action('to.length').replace('to.repeat(times)', 'to.repeat(time)').replace('read.one', 'read.run'))
  const said = await tsc(['-p', '.'], dir)
  expect(said).toContain("Cannot find name 'time'")
  expect(said).toContain("Type 'number' is not assignable to type 'string'")
  expect(said).toContain("Property 'run' does not exist on type 'Reader'")
}, 60_000)
