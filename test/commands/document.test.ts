import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { environmentOf, testDatabase } from '../support/database.ts'
import { cli, cliJson } from '../support/cli.ts'

let here: { cwd: string; env: Record<string, string> }

beforeAll(async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'onboard-documents-'))
  cpSync(join(import.meta.dirname, '..', 'acceptance', 'papers'), cwd, { recursive: true })
  const env = { ...environmentOf(await testDatabase({ simulated: '2098-11-20T09:00:00Z' })), ONBOARD_ACTOR: 'Eva Weber <eva@vendor.example>' }
  here = { cwd, env }
  writeFileSync(join(cwd, 'answers.yaml'), 'users: 12\nfeedback: |\n  All well.\n  - really\n')
  for (const [line, exit] of [
    ['trust --yes', 0], ['handoff accept --file harbour.handoff.yaml --runbook papers', 0], ['apply harbour', 5],
    ['sign harbour asked --signer cleo@vendor.example --answers answers.yaml', 0], ['apply harbour', 0],
  ] as const) {
    const ended = await cli(line.split(' '), here)
    expect([ended.exit, ended.stderr], line).toEqual([exit, expect.anything()])
  }
}, 120_000)

test('each --json is as its schema says', async () => {
  const { result: list } = await cliJson<{ documents: { name: string }[] }>('document-list', ['document', 'list', 'harbour', '--all'], here)
  expect(list.documents.map(({ name }) => name)).toEqual(['check-ins', 'escalation-and-contacts', 'welcome'])
  const { result: shown } = await cliJson('document-show', ['document', 'show', 'harbour', 'welcome'], here)
  expect(shown).toMatchObject({ intact: true, version: 1, text: expect.stringContaining('> All well.\n> - really') })
  const { result: again } = await cliJson('document-render', ['document', 'render', 'harbour', 'welcome'], here)
  expect(again).toMatchObject({ same: true, text: shown['text'] })
  const { result: mail } = await cliJson('document-mail', ['document', 'mail', 'harbour'], here)
  expect(mail).toMatchObject({ outcome: null, mails: [{ state: 'sent', recipients: ['zoe@harbour.example'] }] })
  const { result: templates } = await cliJson<{ templates: { name: string; from: string }[] }>('document-templates', ['document', 'templates'], here)
  expect(templates.templates.find(({ name }) => name === 'welcome')).toMatchObject({ from: 'workspace' })
  const { result: template } = await cliJson('document-template', ['document', 'template', 'welcome'], here)
  expect(template).toMatchObject({ required: ['contact', 'customer', 'feedback', 'login'] })
})

describe('show --out', () => {
  test('creates the file with the very bytes; the same again is fine, something else there stays', async () => {
    const { stdout } = await cli(['document', 'show', 'harbour', 'welcome'], here)
    for (const _time of [1, 2]) expect((await cli(['document', 'show', 'harbour', 'welcome', '--out', 'welcome.txt'], here)).exit).toBe(0)
    expect(readFileSync(join(here.cwd, 'welcome.txt'), 'utf8')).toBe(stdout)
    writeFileSync(join(here.cwd, 'other.txt'), 'mine')
    const refused = await cli(['document', 'show', 'harbour', 'welcome', '--out', 'other.txt'], here)
    expect([refused.exit, refused.stderr]).toEqual([7, expect.stringContaining('other.txt is there already')])
    expect(readFileSync(join(here.cwd, 'other.txt'), 'utf8')).toBe('mine')
  })
})

describe('export', () => {
  test('writes each document that holds into a file of its own; again it is unchanged', async () => {
    const argv = ['document', 'export', 'harbour', 'papers']
    const { exit, result } = await cliJson<{ documents: { file: string; outcome: string }[] }>('document-export', argv, here)
    expect(exit).toBe(0)
    expect(result.documents.map(({ file, outcome }) => [file, outcome])).toEqual([
      ['papers/check-ins.ics', 'written'], ['papers/escalation-and-contacts.md', 'written'], ['papers/welcome.txt', 'written'],
    ])
    const { stdout } = await cli(['document', 'show', 'harbour', 'welcome'], here)
    expect(readFileSync(join(here.cwd, 'papers', 'welcome.txt'), 'utf8')).toBe(stdout)
    const again = await cliJson<{ documents: { outcome: string }[] }>('document-export', argv, here)
    expect(again.result.documents.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  })
  test('leaves a file alone that has something else in it', async () => {
    writeFileSync(join(here.cwd, 'papers', 'welcome.txt'), 'mine')
    const refused = await cli(['document', 'export', 'harbour', 'papers'], here)
    expect([refused.exit, refused.stderr]).toEqual([7, expect.stringContaining('papers/welcome.txt is there already')])
    expect(readFileSync(join(here.cwd, 'papers', 'welcome.txt'), 'utf8')).toBe('mine')
  })
})

describe('a preview', () => {
  test('renders other data and stores nothing', async () => {
    writeFileSync(join(here.cwd, 'data.yaml'), 'customer: Other\ncontact: Ada\nlogin: sso\nfeedback: Fine.\n')
    const { exit, stdout } = await cli(['document', 'render', 'harbour', 'welcome', '--data', 'data.yaml'], here)
    expect([exit, stdout]).toEqual([0, expect.stringContaining('Other signs in by single sign-on')])
    expect((await cliJson<{ documents: unknown[] }>('document-list', ['document', 'list', 'harbour', '--all'], here)).result.documents).toHaveLength(3)
  })
  test.each([
    ['a name is missing', 'customer: x\n', 'needs contact, feedback, login in its data'],
    ['it is no object', '- x\n', 'data.yaml is to hold names and values'],
    ['it is not YAML', 'a: [\n', 'data.yaml'],
  ])('%s: exit 3', async (_title, text, message) => {
    writeFileSync(join(here.cwd, 'data.yaml'), text)
    const ended = await cli(['document', 'render', 'harbour', 'welcome', '--data', 'data.yaml'], here)
    expect([ended.exit, ended.stderr]).toEqual([3, expect.stringContaining(message)])
  })
})

test('a template that changes later does not change what is pinned', async () => {
  writeFileSync(join(here.cwd, 'templates', 'welcome.txt'), '---\ntitle: Changed\n---\nChanged for {{ customer }} {{ contact }} {{ login }} {{ feedback }}\n')
  expect((await cli(['document', 'render', 'harbour', 'welcome'], here)).stdout).not.toContain('Changed')
  expect((await cli(['apply', 'harbour', '--step', 'welcome'], here)).stdout).toContain('unchanged')
})

test('drift looks at documents as well, of one onboarding and of all', async () => {
  for (const argv of [['drift', 'harbour'], ['drift']]) {
    const { exit, stdout, stderr } = await cli(argv, here)
    expect([exit, stderr], argv.join(' ')).toEqual([0, expect.not.stringContaining('error')])
    expect(stdout).toContain('as they were applied')
  }
})

test.each([
  [['sign', 'harbour', 'asked', '--set', 'users'], 2, '--set users is not NAME=VALUE'],
  [['sign', 'harbour', 'asked', '--set', 'users=1', '--set', 'users=2'], 2, '--set users=… is given twice'],
  [['sign', 'harbour', 'asked', '--answers', 'nothing.yaml'], 3, 'nothing.yaml'],
  [['document', 'show', 'harbour', 'welcome', '--version', '9'], 2, "harbour has no document 'welcome' with version 9"],
  [['document', 'show', 'nobody', 'welcome'], 2, "There is no onboarding 'nobody'"],
  [['document', 'mail', 'harbour', '--sent', 'abc', '--reason', 'x'], 2, 'harbour has no mail abc'],
  [['document', 'template', 'nothing'], 3, 'there is no template "nothing"'],
])('%j: exit %i', async (argv, exit, message) => {
  const ended = await cli(argv, here)
  expect([ended.exit, ended.stderr]).toEqual([exit, expect.stringContaining(message)])
  expect(existsSync(join(here.cwd, 'nothing.yaml'))).toBe(false)
})
