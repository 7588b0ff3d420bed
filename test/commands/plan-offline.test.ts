import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Plan } from '../../src/model.ts'
import { cli, cliJson } from '../support/cli.ts'

let dir = ''
let env: Record<string, string> = {}
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(dir, path)), { recursive: true })
  await writeFile(join(dir, path), text)
}
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })

const RUNBOOK = `apiVersion: onboard/v1
runbook: ours
title: Ours
version: 1.0.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [engineering]
phases: [one]
`
const PHASE = `apiVersion: onboard/v1
phase: one
title: One
owner: [engineering]
starts: { at: handoff.dates.go_live }
steps:
  - { id: asked, title: Asked, uses: confirm, needs: [], with: { text: Ready? } }
  - { id: made, title: Made, uses: command.run, needs: [], with: { run: [touch, made.txt], check: [test, -f, made.txt] } }
  - { id: never, title: Never, uses: command.run, needs: [], when: handoff.commercial.users > 5000, with: { run: [touch, never.txt], check: [test, -f, never.txt] } }
  - { id: day, title: Day, uses: confirm, needs: [], on: [day 3], with: { text: All well? } }
  - { id: own, title: Own, uses: greet, needs: [], with: { to: all } }
  - { id: few, title: Few, uses: assert, needs: [], with: { that: "\${{ handoff.commercial.users < 3 }}", message: More than three., severity: warn } }
  - { id: way, title: Way, uses: decision, needs: [], with: { rows: [{ when: "\${{ handoff.commercial.users < 3 }}", outcome: at-once }, { outcome: in-waves }] } }
  - { id: waves, title: Waves, uses: confirm, needs: [way], when: steps.way.outputs.outcome == 'in-waves', with: { text: "Two to the \${{ steps.way.outputs.row }}?" } }
`

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  env = { ONBOARD_HOME: join(dir, 'home'), THEIR_URL: 'postgres://somebody@127.0.0.1:1/db' }
  await onboard('init', 'made') // its handoff goes live some weeks from now
  await write('onboard.config.yaml', 'apiVersion: onboard/v1\nvendor: { name: V }\ndatabase: { url_env: THEIR_URL }\n')
  await write('runbooks/ours/runbook.yaml', RUNBOOK)
  await write('runbooks/ours/phases/one.yaml', PHASE)
  await write('actions/greet.ts', `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(join(dir, 'loaded.txt'))}, '')\n`)
})
afterEach(() => rm(dir, { recursive: true }))

test('shows what would be done, asked, skipped and waited for, opens nothing and loads no code', async () => {
  const { result, exit } = await cliJson('plan', ['plan', '--offline', '--file', 'made/acme.handoff.yaml', '--runbook', 'ours'], { cwd: dir, env })
  const steps = (result as unknown as Plan).steps.map(({ key, action, reason }) => [key.step, action, reason])
  expect(exit).toBe(0)
  expect(steps).toEqual([
    ['asked', 'wait', expect.stringMatching(/^waits for \d{4}-\d\d-\d\d$/)],
    ['made', 'wait', expect.stringMatching(/^waits for /)],
    ['never', 'skipped', 'when: handoff.commercial.users > 5000'],
    ['day', 'wait', expect.stringMatching(/^waits for /)],
    ['own', 'wait', expect.stringMatching(/^waits for /)],
    ['few', 'wait', expect.stringMatching(/^waits for /)],
    ['way', 'wait', expect.stringMatching(/^waits for /)],
    ['waves', 'later', 'after one.way'],
  ])
  await write('runbooks/ours/phases/one.yaml', PHASE.replace(/starts: .*\n/, '').replace(/.*day 3.*\n/, ''))
  const now = await cliJson('plan', ['plan', '--offline', '--file', 'made/acme.handoff.yaml', '--runbook', 'ours', '--detailed-exitcode'], { cwd: dir, env })
  expect((now.result as unknown as Plan).steps.map(({ key, action, reason }) => [key.step, action, reason])).toEqual([
    ['asked', 'ask', 'waits for engineering'], ['made', 'create', null], ['never', 'skipped', 'when: handoff.commercial.users > 5000'], ['own', 'create', null],
    // What looks at its inputs alone says now what it will say.
    ['few', 'probe', 'More than three.'], ['way', 'probe', expect.stringContaining('in-waves')], ['waves', 'ask', 'waits for engineering'],
  ])
  expect(now.exit).toBe(4)
  expect(existsSync(join(dir, 'loaded.txt'))).toBe(false)
  expect(existsSync(join(dir, 'made.txt'))).toBe(false)
})

test('says every mistake of the handoff, and which runbook is meant where there are several', async () => {
  await write('wrong.yaml', 'company: { nme: X }\n')
  const wrong = await onboard('plan', '--offline', '--file', 'wrong.yaml', '--runbook', 'ours')
  expect(wrong.exit).toBe(3)
  expect(wrong.stderr).toContain('did you mean "name"?')
  const several = await onboard('plan', '--offline', '--file', 'made/acme.handoff.yaml')
  expect(several).toMatchObject({ exit: 2 })
  expect(several.stderr).toContain('onboard plan --offline --file made/acme.handoff.yaml --runbook ours')
})

test('needs a customer or a file, and not both', async () => {
  expect(await onboard('plan')).toMatchObject({ exit: 2 })
  expect(await onboard('plan', '--offline')).toMatchObject({ exit: 2 })
  const both = await onboard('plan', 'acme', '--offline', '--file', 'x')
  expect(both).toMatchObject({ exit: 2 })
  expect(both.stderr).toContain('leave acme out')
})
