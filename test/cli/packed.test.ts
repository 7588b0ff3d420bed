/** The bundle that `npm pack` ships, built from these sources into a package folder of its own. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { bundle } from '../../src/build/bundle.ts'
import { writeManifest } from '../../src/build/manifest.ts'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { migrationNames } from '../../src/database/migrations/index.ts'
import { findTemplates, templateNames } from '../../src/documents/find.ts'
import { NEEDS_FILE, templateNeeds } from '../../src/documents/needs.ts'
import { packageRoot } from '../../src/package.ts'
import type { Ran } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onboard-packed-'))
  for (const name of ['bin', 'runbooks', 'schemas', 'templates', 'package.json']) cpSync(join(packageRoot, name), join(folder, name), { recursive: true })
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await bundle(packageRoot, join(folder, 'dist'))
  await writeManifest(folder)
})

function run(argv: readonly string[], { env = {}, node = [] as readonly string[] } = {}): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...node, join(folder, 'bin', 'run.js'), ...argv], { cwd: folder, env: { PATH, HOME, ...env }, maxBuffer: 8 << 20 }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code), stdout, stderr })
    })
    child.stdin?.end()
  })
}

test('has every command and every action of the sources', async () => {
  const [ours, packed] = await Promise.all([
    new Promise<string>((resolve) => execFile(process.execPath, [join(packageRoot, 'bin', 'run.js'), '--help'], (_error, stdout) => resolve(stdout))),
    run(['--help']),
  ])
  expect(packed).toMatchObject({ exit: 0, stdout: ours, stderr: '' })
  const { actions } = JSON.parse((await run(['action', 'list', '--json'])).stdout) as { actions: { name: string }[] }
  expect(actions.map(({ name }) => name).toSorted()).toEqual(createCatalogue().names())
})

test('checks the runbook that it brings, and works on a database that it migrates', async () => {
  const database = await testDatabase()
  expect(await run(['runbook', 'lint', 'runbooks/enterprise'])).toMatchObject({ exit: 0 })
  // It knows of its templates what reading them says, and what they need is asked for as in a clone.
  const needs = JSON.parse(readFileSync(join(folder, 'dist', NEEDS_FILE), 'utf8')) as Record<string, unknown>
  for (const name of templateNames(new Map())) {
    const file = await findTemplates(new Map())(name)
    expect(needs[file.digest], name).toEqual(await templateNeeds(file))
  }
  const phase = join(folder, 'runbooks/enterprise/phases/hypercare.yaml')
  const text = readFileSync(phase, 'utf8')
  writeFileSync(phase, text.replace(/^( +)customer: /m, '$1customre: '))
  expect((await run(['runbook', 'lint', 'runbooks/enterprise'])).stdout).toContain('needs customer in data')
  writeFileSync(phase, text)
  expect(migrationNames().length).toBeGreaterThan(3)
  const { exit, stdout } = await run(['status', '--json'], { env: environmentOf(database) })
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { onboardings: [] }])
})

test('has the validators of its schemas made, and says by them what a clone says', async () => {
  const chunks = join(folder, 'dist', 'chunks')
  const made = readdirSync(chunks).filter((name) => /READY = .*new Map\(\[\s*\[/.test(readFileSync(join(chunks, name), 'utf8')))
  expect(made).toHaveLength(1)
  cpSync(join(packageRoot, 'test/runbook/fixtures/contradictions/runbooks/contradictions'), join(folder, 'runbooks/contradictions'), { recursive: true })
  const phase = join(folder, 'runbooks/contradictions/phases/setup.yaml')
  writeFileSync(phase, readFileSync(phase, 'utf8').replace(/^title: .*$/m, 'titel: 5\nmode: sideways\ndays: [x]'))
  writeFileSync(join(folder, 'wrong.handoff.yaml'), 'company: { slug: 12, timezone: Europe/Berln }\ndates: { go_live: 2027-02-30 }\ncommercial: { plan: custm, users: 0 }\n')
  for (const argv of [['runbook', 'lint', 'runbooks/contradictions', '--json'], ['handoff', 'check', '--file', 'wrong.handoff.yaml', '--json']]) {
    const [ours, packed] = await Promise.all([
      new Promise<string>((resolve) => execFile(process.execPath, [join(packageRoot, 'bin', 'run.js'), ...argv], { cwd: folder }, (_error, stdout) => resolve(stdout))),
      run(argv),
    ])
    expect(packed.stdout).toBe(ours)
    expect(packed.stdout.length).toBeGreaterThan(2000)
  }
})

/** Prints, as the process ends, the files that were loaded. */
const LOADED = `import module from 'node:module'
const seen = new Set()
module.registerHooks({ load(url, context, next) { seen.add(url); return next(url, context) } })
process.on('exit', () => process.stderr.write('LOADED ' + JSON.stringify([...seen])))`

test('opens few files to say where an onboarding stands', async () => {
  const database = await testDatabase()
  const { stderr } = await run(['status', '--json'], { env: environmentOf(database), node: ['--import', `data:text/javascript,${encodeURIComponent(LOADED)}`] })
  const files = (JSON.parse(stderr.slice(stderr.indexOf('LOADED ') + 7)) as string[]).filter((url) => url.startsWith('file:'))
  // bin, main, the command, and the start that they share with their runtime; what only errors or rare turns need is late.
  expect(files.length, files.join('\n')).toBeLessThan(26)
})

test('names the licences of the libraries in it', () => {
  const text = readFileSync(join(folder, 'dist', 'licenses.txt'), 'utf8')
  for (const name of ['@oclif/core', 'pg', 'canonicalize']) expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'))
})
