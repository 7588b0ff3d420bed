import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { cli } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let dir = ''
let env: Record<string, string> = {}
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(dir, path)), { recursive: true })
  await writeFile(join(dir, path), text)
}
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  env = { ONBOARD_HOME: join(dir, 'home') }
  await write('onboard.config.yaml', 'apiVersion: onboard/v1\nvendor: { name: V }\n')
})
afterEach(() => rm(dir, { recursive: true }))

describe('an action of the workspace', () => {
  const action = (word: string) => `import { appendFileSync } from 'node:fs'
import { defineProbe } from 'onboard/action'
import { said } from './_shared/word.ts'
appendFileSync(${JSON.stringify(join(dir, 'loaded.txt'))}, 'loaded\\n')
export default defineProbe({
  title: 'Says a word.', example: { to: 'acme' },
  input: { type: 'object', additionalProperties: false, required: ['to'], properties: { to: { type: 'string' } } },
  output: { type: 'object', additionalProperties: false, required: ['word'], properties: { word: { type: 'string' } } },
  touches: 'nothing', max_age_ms: 0,
  probe: async (_read, { to }) => ({ result: 'pass', summary: said('${word}', to), data: null }),
  outputs: () => ({ word: '${word}' }),
})
`
  beforeEach(async () => {
    await write('actions/greet.ts', action('hello'))
    await write('actions/_shared/word.ts', 'export const said = (word: string, to: string): string => `${word} ${to}`\n')
    await write('runbooks/ours/runbook.yaml', 'apiVersion: onboard/v1\nrunbook: ours\ntitle: Ours\nversion: 1.0.0\ninputs: { handoff: ../../schemas/handoff.schema.json }\nroles: [engineering]\nphases: [one]\n')
    await write('runbooks/ours/phases/one.yaml', 'apiVersion: onboard/v1\nphase: one\ntitle: One\nowner: [engineering]\nsteps:\n  - { id: greet, title: Greet, uses: greet, with: { to: "${{ onboarding.slug }}" } }\n')
    await cp(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), join(dir, 'acme.handoff.yaml'))
  })
  test('is not loaded before the workspace is trusted, and is checked once it is', async () => {
    await write('runbooks/ours/ours.test.yaml', 'apiVersion: onboard/v1\ntests:\n  - { test: One, clock: 2026-11-20, handoff: { company: { name: X } } }\n')
    for (const command of ['lint', 'show', 'docs', 'graph', 'test']) await onboard('runbook', command, 'ours')
    expect((await onboard('runbook', 'lint', 'ours')).exit).toBe(0)
    expect((await onboard('action', 'show', 'greet')).exit).toBe(9)
    expect(existsSync(join(dir, 'loaded.txt'))).toBe(false)
    await write('runbooks/ours/phases/one.yaml', (await readFile(join(dir, 'runbooks/ours/phases/one.yaml'), 'utf8')).replace('to:', 'too:'))
    await onboard('trust')
    expect((await onboard('runbook', 'lint', 'ours')).stdout).toContain("greet takes no 'too'; did you mean 'to'?")
    expect(existsSync(join(dir, 'loaded.txt'))).toBe(true)
  })
  test('is known to the linter while its runbook is edited, and no longer once it is edited itself', async () => {
    const lint = async () => (await onboard('runbook', 'lint', 'ours')).stdout
    expect(await lint()).toContain('greet is code that was not loaded, so what it takes and gives is not checked: onboard trust [action-unseen]')
    await onboard('trust')
    const phase = await readFile(join(dir, 'runbooks/ours/phases/one.yaml'), 'utf8')
    await write('runbooks/ours/phases/one.yaml', phase.replace('to:', 'too:'))
    expect(await lint()).toContain("greet takes no 'too'; did you mean 'to'?")
    await write('actions/_shared/word.ts', 'export const said = (word: string, to: string): string => to + word\n')
    expect(await lint()).toContain('[action-unseen]')
    await onboard('trust', '--remove')
    await write('actions/_shared/word.ts', 'export const said = (word: string, to: string): string => `${word} ${to}`\n')
    expect(await lint()).toContain('[action-unseen]')
  })
  const begin = async () => {
    env = { ...env, ...environmentOf(await testDatabase({ simulated: '2026-11-20T09:00:00Z' })) }
    await onboard('trust')
    const accepted = await onboard('handoff', 'accept', '--file', 'acme.handoff.yaml', '--runbook', 'ours')
    expect(accepted.stderr + accepted.stdout).toContain('the onboarding begins')
  }
  test('is pinned with the onboarding: a change of it touches those under way no more', async () => {
    await begin()
    expect((await onboard('apply', 'acme')).stdout).toContain('hello acme')
    await write('actions/greet.ts', action('goodbye'))
    // What is pinned was trusted before; what stands in the workspace now was not, and is not run.
    for (const trusted of [false, true]) {
      if (trusted) await onboard('trust')
      const again = await onboard('apply', 'acme')
      expect(again.stdout).toContain('hello acme')
      expect(again.stdout).not.toContain('goodbye')
    }
  })
  test('looks at what is pinned in status and drift too, where the workspace has another of the name or none', async () => {
    const asks = (text: string) => `import { defineAsk } from 'onboard/action'
export default defineAsk({
  title: 'Asks.', example: { to: 'acme' }, input: { type: 'object', properties: { to: { type: 'string' } } }, output: { type: 'object' },
  ask: () => ({ text: '${text}', from: ['${text}'], evidence: 'none' }), accept: () => ({}),
})
`
    await write('actions/greet.ts', asks('engineering'))
    await begin()
    const waits = async () => (JSON.parse((await onboard('status', 'acme', '--json')).stdout) as { waiting: { for: string[] }[] }).waiting.map((one) => one.for)
    expect(await waits()).toEqual([['engineering']])
    await write('actions/greet.ts', asks('somebody else'))
    await onboard('trust')
    expect(await waits()).toEqual([['engineering']])
    await rm(join(dir, 'actions'), { recursive: true })
    await onboard('trust')
    expect(await waits()).toEqual([['engineering']])
    expect((await onboard('status')).stdout).toContain('engineering')
    expect((await onboard('drift')).exit).toBe(0)
  })
  test('is at hand for what an earlier version of the runbook did with it', async () => {
    const effect = `import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { defineAction } from 'onboard/action'
const file = ${JSON.stringify(join(dir, 'made.txt'))}
export default defineAction({
  title: 'Makes a file.', example: { to: 'acme' }, where: 'outside',
  input: { type: 'object', properties: { to: { type: 'string' } } }, output: { type: 'object' },
  check: async () => existsSync(file), plan: (_input, there) => (there ? null : { target: 'file', before: null, after: { there: true } }),
  apply: async () => writeFileSync(file, ''), outputs: () => ({}), undo: async () => rmSync(file),
})
`
    await write('actions/greet.ts', effect)
    await begin()
    expect((await onboard('apply', 'acme')).exit).toBe(0)
    expect(existsSync(join(dir, 'made.txt'))).toBe(true)
    await write('runbooks/ours/phases/one.yaml', 'apiVersion: onboard/v1\nphase: one\ntitle: One\nowner: [engineering]\nsteps:\n  - { id: greet, title: Greet, uses: assert, with: { that: true, message: Never } }\n')
    await onboard('trust')
    expect((await onboard('upgrade', 'acme')).exit).toBe(0)
    const undone = await onboard('rollback', 'acme', '--to', 'one', '--confirm', 'acme')
    expect(undone.stdout + undone.stderr).toContain('undid entry')
    expect(existsSync(join(dir, 'made.txt'))).toBe(false)
  })
  test('that somebody else has pinned runs for nobody who has not trusted it', async () => {
    await begin()
    await onboard('trust', '--remove') // as for another user
    await write('actions/greet.ts', action('goodbye'))
    expect((await onboard('trust')).exit).toBe(0)
    const refused = await onboard('apply', 'acme')
    expect(refused).toMatchObject({ exit: 9, stdout: '' })
    expect(refused.stderr).toContain('onboard trust --pinned acme')
    const shown = await onboard('status', 'acme')
    expect(shown.exit).toBe(0)
    expect(shown.stdout).toContain('was not loaded')
    expect(existsSync(join(dir, 'loaded.txt'))).toBe(true) // by who accepted it
    await rm(join(dir, 'loaded.txt'))
    const digest = (await onboard('trust', '--pinned', 'acme', '--print')).stdout.trim()
    expect((await onboard('plan', 'acme')).exit).toBe(9)
    expect(existsSync(join(dir, 'loaded.txt'))).toBe(false)
    expect((await onboard('plan', 'acme', '--trust', digest)).exit).toBe(0)
    expect((await onboard('trust', '--pinned', 'acme')).stdout).toContain('actions/greet.ts')
    expect((await onboard('trust', '--pinned', 'acme')).stdout).toContain('as it was')
    expect((await onboard('apply', 'acme')).stdout).toContain('hello acme')
    await onboard('trust', '--pinned', 'acme', '--remove')
    expect((await onboard('apply', 'acme')).exit).toBe(9)
  })
})

describe('a single template of the shipped runbook', () => {
  const linted = async () => (await onboard('runbook', 'lint', 'enterprise', '--format', 'text')).stdout
  const digest = async () => (JSON.parse((await onboard('runbook', 'show', 'enterprise', '--json')).stdout) as { digest: string }).digest
  const optional = 'vendor, contact, live_on, login, directory, sla, escalation, check_in, hypercare_until, sender'

  test('is replaced by the workspace’s own, is checked, and is part of what is pinned; others of the workspace are not', async () => {
    const before = await digest()
    await write('templates/of-nobody.txt', '---\ntitle: X\n---\n{{ x }}\n')
    expect(await digest()).toBe(before)
    await write('templates/go-live-mail.txt', `---\ntitle: X\noptional: ${optional}\n---\nHello {{ customr }}\n`)
    expect(await linted()).toMatch(/needs customr in data/)
    await write('templates/go-live-mail.txt', `---\ntitle: X\noptional: ${optional}\n---\nHello {{ customer }}\n`)
    expect(await linted()).not.toContain('template-data')
    expect(await digest()).not.toBe(before)
  })
})

describe('a single phase of a shipped runbook', () => {
  test('is replaced by the workspace’s own, and the rest stays', async () => {
    const shipped = await readFile(join(packageRoot, 'runbooks/enterprise/phases/provision.yaml'), 'utf8')
    const shown = async () => JSON.parse((await onboard('runbook', 'show', 'enterprise', '--json')).stdout) as { digest: string; phases: { title: string }[] }
    const before = await shown()
    await write('runbooks/enterprise/phases/provision.yaml', shipped.replace('title: Tenant provisioning', 'title: Our provisioning'))
    const after = await shown()
    expect(after.phases.map(({ title }) => title)).toEqual(before.phases.map(({ title }) => title.replace('Tenant provisioning', 'Our provisioning')))
    expect(after.digest).not.toBe(before.digest)
    const { stdout } = await onboard('runbook', 'list', '--json')
    expect((JSON.parse(stdout) as { runbooks: object[] }).runbooks).toMatchObject([{ name: 'enterprise', from: 'workspace' }])
    await write('runbooks/enterprise/phases/provision.yaml', shipped.replace('uses: tenant.record', 'uses: tenant.recrod'))
    expect((await onboard('runbook', 'lint', 'enterprise', '--format', 'text')).stdout).toContain('runbooks/enterprise/phases/provision.yaml:')
  })
})
