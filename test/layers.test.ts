import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../src/package.ts'

/** What oxlint says about files, by the rule `folder/file: rule`. */
async function lint(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'onboard-lint-'))
  await cp(join(packageRoot, 'oxlint.config.ts'), join(folder, 'oxlint.config.ts'))
  await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const args = [join(packageRoot, 'node_modules', 'oxlint', 'bin', 'oxlint'), '--format', 'json', 'src']
  const stdout = await new Promise<string>((resolve) => execFile(process.execPath, args, { cwd: folder }, (_error, out) => resolve(out)))
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] }
  return diagnostics.map(({ filename, code }) => `${filename}: ${code}`).toSorted()
}

test('an import against the layers, of a library elsewhere, or in a circle fails the lint', async () => {
  const found = await lint({
    'src/engine/up.ts': "import { x } from '../cli/x.ts'\nexport const up = x\n",
    'src/engine/library.ts': "import pg from 'pg'\nexport const library = pg\n",
    'src/engine/type.ts': "import type { Client } from 'pg'\nimport type { Product } from '../product/port.ts'\nexport type Both = [Client, Product]\n",
    'src/engine/beyond-the-port.ts': "import { open } from '../product/open.ts'\nexport const beyond = open\n",
    'src/cli/x.ts': "import { command } from '../../commands/plan.ts'\nexport const x = command\n",
    'src/input/a.ts': "import { b } from './b.ts'\nexport const a = () => b\n",
    'src/input/b.ts': "import { a } from './a.ts'\nexport const b = () => a\n",
    'src/errors.ts': "import { a } from './input/a.ts'\nexport const e = a\n",
  })
  expect(found).toEqual([
    'src/cli/x.ts: eslint(no-restricted-imports)',
    'src/engine/beyond-the-port.ts: eslint(no-restricted-imports)',
    'src/engine/library.ts: eslint(no-restricted-imports)',
    'src/engine/up.ts: eslint(no-restricted-imports)',
    'src/errors.ts: eslint(no-restricted-imports)',
    'src/input/a.ts: import(no-cycle)',
    'src/input/b.ts: import(no-cycle)',
  ])
})

/** The lint does not see `import()`. Only cli/ wires across folders that way; the others load parts of their own late. */
test('late imports stay in their own folder, outside cli/', async () => {
  const files = (await readdir(join(packageRoot, 'src'), { recursive: true })).filter((file) => file.endsWith('.ts') && !file.startsWith('cli'))
  const late = await Promise.all(files.map(async (file) => {
    const text = await readFile(join(packageRoot, 'src', file), 'utf8')
    return [...text.matchAll(/import\('([^']+)'\)/g)].map(([, from = '']) => `${file} imports ${from}`)
  }))
  expect(late.flat().filter((line) => /imports (?:\.\.\/)+(?!embedded)[a-z-]+\//.test(line))).toEqual([])
})

/** Migrations stay as they ran; a line of YAML that a file gives is as long as it is. */
const WIDE = /^src\/(?:database\/migrations\/|cli\/demo\/papers|onboarding\/example-config)/

test('a line of code has 120 columns at most', async () => {
  const folders = await Promise.all(['src', 'commands'].map(async (folder) => (
    (await readdir(join(packageRoot, folder), { recursive: true })).map((file) => `${folder}/${file}`)
  )))
  const files = folders.flat().filter((file) => file.endsWith('.ts') && !WIDE.test(file))
  const lines = await Promise.all(files.map(async (file) => {
    const text = await readFile(join(packageRoot, file), 'utf8')
    return text.split('\n').flatMap((line, at) => (line.length > 120 ? [`${file}:${at + 1}`] : []))
  }))
  expect(files.length).toBeGreaterThan(500)
  expect(lines.flat()).toEqual([])
})
