import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { environmentOf, testDatabase } from '../support/database.ts'
import type { Ran } from '../support/cli.ts'

const BIN = join(packageRoot, 'bin', 'run.js')

function run(argv: readonly string[], { cwd = packageRoot, env = {}, node = [] as readonly string[] } = {}): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...node, BIN, ...argv], { cwd, env: { PATH, HOME, ...env } }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code), stdout, stderr })
    })
    child.stdin?.end()
  })
}

/** Prints, as the process ends, the packages of which code was loaded. */
const LOADED = `import module from 'node:module'
const seen = new Set()
module.registerHooks({ load(url, context, next) { seen.add(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]); return next(url, context) } })
process.on('exit', () => process.stderr.write('LOADED ' + JSON.stringify([...seen])))`

test('the version comes without loading oclif', async () => {
  const { stdout, stderr } = await run(['--version'], { node: ['--import', `data:text/javascript,${encodeURIComponent(LOADED)}`] })
  expect(stdout).toMatch(/^onboard\/\d+\.\d+\.\d+ \S+ node-v\d+/)
  expect(JSON.parse(stderr.replace('LOADED ', ''))).toEqual([null])
})

test('works from any folder, and exits as its result says', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-bin-'))
  expect(await run(['whoami', '--json'], { cwd })).toMatchObject({ exit: 0, stderr: '' })
  expect(await run(['plan'], { cwd })).toMatchObject({ exit: 2, stdout: '', stderr: expect.stringContaining('CUSTOMER') as string })
})

test('what is read late arrives whole: the process ends after its last byte', async () => {
  const { stdout } = await run(['runbook', 'docs', 'enterprise'])
  const slowly = execFile('sh', ['-c', `"${process.execPath}" "${BIN}" runbook docs enterprise | (sleep 0.3; cat)`], { cwd: packageRoot })
  const read: string[] = []
  for await (const part of slowly.stdout ?? []) read.push(String(part))
  expect(stdout.length).toBeGreaterThan(50_000)
  expect(read.join('')).toBe(stdout)
})

test('an old Node is told what is needed, and does nothing', async () => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '20.19.0' })`
  const { exit, stdout, stderr } = await run(['status'], { node: ['--import', `data:text/javascript,${encodeURIComponent(old)}`] })
  expect([exit, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/needs Node\.js 22\.18 or newer/)
})

test('an installed package runs dist/, a clone its sources, also where a manifest or dist/ is left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onboard-package-'))
  await cp(join(packageRoot, 'bin'), join(folder, 'bin'), { recursive: true })
  await cp(join(packageRoot, 'package.json'), join(folder, 'package.json'))
  await mkdir(join(folder, 'dist', 'src', 'cli'), { recursive: true })
  await writeFile(join(folder, 'dist', 'src', 'cli', 'main.js'), 'export const main = async () => (process.stdout.write("dist"), 0)')
  const packed = () => new Promise<string>((resolve) => execFile(process.execPath, [join(folder, 'bin', 'run.js'), 'whoami'], (_error, stdout) => resolve(stdout)))
  expect(await packed()).toBe('dist')
  await mkdir(join(folder, 'src', 'cli'), { recursive: true })
  await writeFile(join(folder, 'src', 'cli', 'main.ts'), 'export const main = async (argv: string[]) => (process.stdout.write("source"), 0)')
  expect(await packed()).toBe('source')
})

describe('what status loads', () => {
  const loaded = async (argv: readonly string[], env: Record<string, string>) => {
    const { stderr } = await run(argv, { env, node: ['--import', `data:text/javascript,${encodeURIComponent(LOADED)}`] })
    return JSON.parse(stderr.slice(stderr.indexOf('LOADED ') + 7)) as string[]
  }
  test('neither migrations, YAML, schemas nor expressions, as long as none is asked for', async () => {
    const packages = await loaded(['status', '--json'], environmentOf(await testDatabase()))
    expect(packages).toContain('pg')
    for (const heavy of ['knex', 'ajv', 'yaml', 'execa', 'bcrypt', '@inquirer/prompts', 'chalk', 'string-width']) expect(packages).not.toContain(heavy)
  })
})
