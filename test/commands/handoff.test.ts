import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FORMATS } from '../../src/input/formats.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

const bin = resolve('bin/run.js')
let dir: string
let env: Record<string, string>

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'onboard-handoff-'))
  env = environmentOf(await testDatabase())
  expect((await onboard(['init'])).exit).toBe(0)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Ran {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

function onboard(argv: readonly string[], stdin = ''): Promise<Ran> {
  const child = spawn(process.execPath, [bin, ...argv], { cwd: dir, env: { PATH: process.env['PATH'] ?? '', HOME: dir, NO_COLOR: '1', ...env } })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  return new Promise((done) => child.on('close', (exit) => done({ exit, ...text })))
}

function fits(name: string, json: string): void {
  const ajv = new Ajv({ strict: false })
  for (const [format, wrong] of Object.entries(FORMATS)) ajv.addFormat(format, (text: string) => wrong(text) === undefined)
  const valid = ajv.compile(JSON.parse(readFileSync(`schemas/results/${name}.schema.json`, 'utf8')) as object)
  expect(valid(JSON.parse(json)), JSON.stringify(valid.errors)).toBe(true)
}

test('from init to an onboarding and back to the file, each result in its form', async () => {
  const init = await onboard(['init', '--json'])
  fits('init', init.stdout)
  const checked = await onboard(['handoff', 'check', '--file', 'acme.handoff.yaml', '--runbook', 'enterprise'])
  expect(checked.stdout).toContain('onboard handoff accept --file acme.handoff.yaml --runbook enterprise')
  const check = await onboard(['handoff', 'check', '--file', 'acme.handoff.yaml', '--json'])
  expect(check.exit).toBe(0)
  fits('handoff-check', check.stdout)
  const opened = await onboard(['handoff', 'accept', '--file', 'acme.handoff.yaml', '--runbook', 'enterprise', '--json'])
  expect([opened.exit, opened.stderr]).toEqual([0, ''])
  fits('handoff-accept', opened.stdout)
  const again = await onboard(['handoff', 'accept', '--file', '-', '--json'], readFileSync(join(dir, 'acme.handoff.yaml'), 'utf8'))
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'unchanged', head: null })
  const shown = await onboard(['handoff', 'show', 'acme', '--json'])
  fits('handoff-show', shown.stdout)
  expect((await onboard(['handoff', 'show', 'acme', '--source'])).stdout).toBe(readFileSync(join(dir, 'acme.handoff.yaml'), 'utf8'))
  fits('handoff-template', (await onboard(['handoff', 'template', '--json'])).stdout)
})

test('each kind of bad file has its exit code and message, and no stack trace', async () => {
  writeFileSync(join(dir, 'large.yaml'), Buffer.alloc(50 * 1024 * 1024, 'a: 1\n'))
  writeFileSync(join(dir, 'latin1.yaml'), Buffer.from('company: { name: M\xfcller }', 'latin1'))
  writeFileSync(join(dir, 'bad.json'), '{"company": ')
  const cases: [readonly string[], number, RegExp][] = [
    [['handoff', 'check', '--file', 'large.yaml'], 3, /52428800 bytes/],
    [['handoff', 'check', '--file', 'latin1.yaml'], 3, /not UTF-8: byte 0xfc at offset 18/],
    [['handoff', 'accept', '--file', 'bad.json', '--runbook', 'enterprise'], 3, /bad\.json:1:13/],
    [['handoff', 'check', '--file', 'nowhere.yaml'], 3, /nowhere\.yaml does not exist/],
    [['handoff', 'check', '--file', '.'], 3, /is a folder/],
    [['handoff', 'check', '--file', '/dev/zero'], 3, /no regular file/],
    [['handoff', 'check'], 2, /file/],
    [['handoff', 'show', 'nobody'], 2, /nobody/],
    [['handoff', 'accept', '--file', 'acme.handoff.yaml', '--runbook', 'enterprize'], 2, /did you mean enterprise/],
  ]
  const ran = await Promise.all(cases.map(([argv]) => onboard(argv)))
  for (const [i, [argv, exit, message]] of cases.entries()) {
    expect([argv.join(' '), ran[i]?.exit]).toEqual([argv.join(' '), exit])
    expect(ran[i]?.stderr).toMatch(message)
    expect(ran[i]?.stderr).not.toMatch(/\n\s+at |node:internal/)
  }
})

test('standard input that does not end is not read to its end', async () => {
  const { exit, stderr } = await onboard(['handoff', 'check', '--file', '-'], 'x'.repeat(9 * 1024 * 1024))
  expect([exit, stderr]).toEqual([3, expect.stringMatching(/standard input/)])
})

test('init never writes over what is there', async () => {
  writeFileSync(join(dir, 'onboard.config.yaml'), `${readFileSync(join(dir, 'onboard.config.yaml'), 'utf8')}# mine\n`)
  const { exit, stderr } = await onboard(['init'])
  expect([exit, stderr]).toEqual([7, expect.stringMatching(/onboard\.config\.yaml already/)])
  expect(readFileSync(join(dir, 'onboard.config.yaml'), 'utf8')).toMatch(/# mine\n$/)
})

test('init with an address of the product: sign-in, links and what may be asked follow it', async () => {
  expect((await onboard(['init', 'ours', '--app-url', 'http://127.0.0.1:8080'])).exit).toBe(0)
  const { loadConfig } = await import('../../src/onboarding/config.ts')
  const config = loadConfig(readFileSync(join(dir, 'ours', 'onboard.config.yaml')), 'onboard.config.yaml')
  expect(config.vendor.app_url).toBe('http://127.0.0.1:8080')
  expect(config.admin.set_password_url).toBe('http://127.0.0.1:8080/set-password')
  expect(config.network?.allow).toEqual(['127.0.0.1'])
  expect(config.capabilities).toMatchObject({ sso: false, scim: false })
  expect((await onboard(['init', 'served', '--gateway'])).exit).toBe(0)
  expect(loadConfig(readFileSync(join(dir, 'served', 'onboard.config.yaml')), 'c').capabilities).toMatchObject({ sso: true, scim: true })
  for (const url of ['app.vendor.example', 'https://app.vendor.example/path', 'ftp://x', 'https://a@b.example']) {
    expect(await onboard(['init', 'other', '--app-url', url]), url).toMatchObject({ exit: 2, stderr: expect.stringContaining(`--app-url ${url}`) as string })
  }
})
