import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let dir = ''
let env: Record<string, string> = {}
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(dir, path)), { recursive: true })
  await writeFile(join(dir, path), text)
}
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const runbook = (version: string) => `apiVersion: onboard/v1\nrunbook: ours\ntitle: Ours\nversion: ${version}\ninputs: { handoff: ../../schemas/handoff.schema.json }\nroles: [legal]\nphases: [one, later]\n`
const step = (id: string, text: string) => `  - { id: ${id}, title: ${id}, uses: confirm, with: { text: "${text} \${{ handoff.company.name }}?" } }\n`
const phase = (...steps: string[]) => `apiVersion: onboard/v1\nphase: one\ntitle: One\nowner: [legal]\nmode: parallel\nsteps:\n${steps.join('')}`
/** Lists of maps, whose keys the database keeps in an order of its own. */
const LATER = `apiVersion: onboard/v1
phase: later
title: Later
owner: [legal]
starts: { at: onboarding.go_live }
steps:
  - { id: days, title: Days, uses: confirm, on: [day 1, week 2], with: { text: "\${{ each }}?" } }
  - { id: way, title: Way, uses: decision, with: { rows: [{ when: "\${{ handoff.commercial.users > 5 }}", outcome: much }, { outcome: little }] } }
`

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  env = environmentOf(await testDatabase({ simulated: '2026-11-20T09:00:00Z' }))
  await write('onboard.config.yaml', 'apiVersion: onboard/v1\nvendor: { name: V }\nroles: { legal: [{ name: Lea, email: lea@vendor.example }] }\n')
  await write('acme.handoff.yaml', await readFile(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), 'utf8'))
  await write('runbooks/ours/runbook.yaml', runbook('1.0.0'))
  await write('runbooks/ours/phases/later.yaml', LATER)
  await write('runbooks/ours/phases/one.yaml', phase(step('same', 'Is it so,'), step('other', 'Is it well,'), step('leaves', 'Is it late,')))
  expect((await onboard('handoff', 'accept', '--file', 'acme.handoff.yaml', '--runbook', 'ours')).exit).toBe(0)
  for (const one of ['same', 'other', 'leaves']) expect((await onboard('sign', 'acme', one, '--signer', 'lea@vendor.example')).exit).toBe(0)
})
afterEach(() => rm(dir, { recursive: true }))

test('moves an onboarding to the newer version; sign-offs hold where what was asked reads the same', async () => {
  expect((await cliJson('upgrade', ['upgrade', 'acme'], { cwd: dir, env })).result).toMatchObject({ outcome: 'unchanged', head: null })
  await write('runbooks/ours/runbook.yaml', runbook('1.1.0'))
  await write('runbooks/ours/phases/one.yaml', phase(step('same', 'Is it so,'), step('other', 'Is it very well,'), step('comes', 'Is it new,')))
  const sign_offs = [{ step: 'one.same', state: 'kept' }, { step: 'one.other', state: 'void' }, { step: 'one.leaves', state: 'gone' }]
  const planned = await cliJson<{ changes: { id: string; fields: { field: string }[] }[] }>('upgrade', ['upgrade', 'acme', '--dry-run'], { cwd: dir, env })
  expect(planned.result).toMatchObject({ outcome: 'planned', head: null, sign_offs, from: { version: '1.0.0' }, to: { version: '1.1.0' } })
  expect(planned.result.changes.map(({ id, fields }) => [id, ...fields.map(({ field }) => field)])).toEqual([
    ['ours', 'version'], ['one.other', 'with.text'], ['one.comes'], ['one.leaves'],
  ])
  const states = async () => {
    const { result } = await cliJson<{ phases: { id: string; steps: { key: { step: string }; state: string }[] }[] }>('status', ['status', 'acme'], { cwd: dir, env })
    return result.phases.filter(({ id }) => id === 'one').flatMap(({ steps }) => steps.map(({ key, state }) => `${key.step} ${state}`))
  }
  expect(await states()).toEqual(['same done', 'other done', 'leaves done'])
  expect((await cliJson('upgrade', ['upgrade', 'acme'], { cwd: dir, env })).result).toMatchObject({ outcome: 'upgraded', sign_offs })
  expect(await states()).toEqual(['same done', 'other waiting', 'comes waiting'])
  expect((await onboard('audit', 'verify', 'acme')).exit).toBe(0)
  expect((await onboard('audit', 'log', 'acme')).stdout).toContain('upgraded')
})

test('another runbook is no version of this one, and one with faults is not moved to', async () => {
  await write('runbooks/else/runbook.yaml', runbook('1.0.0').replace('ours', 'else'))
  await write('runbooks/else/phases/later.yaml', LATER)
  await write('runbooks/else/phases/one.yaml', phase(step('same', 'Is it so,')))
  expect((await onboard('upgrade', 'acme', '--runbook', 'else')).exit).toBe(7)
  await write('runbooks/ours/phases/one.yaml', phase(step('same', 'Is it so,').replace('confirm', 'confrim')))
  expect((await onboard('upgrade', 'acme')).exit).toBe(3)
})
