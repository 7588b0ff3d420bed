import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Status } from '../../src/onboarding/status.ts'
import type { OpenItem } from '../../src/onboarding/tasks.ts'
import { cli } from '../support/cli.ts'
import { AGREED, ASKED, CONTRACT, holds, later, PEOPLE, SIGNED } from '../support/contract-runbook.ts'
import { ownWorkspace, type OwnWorkspace } from '../support/own-runbook.ts'
import { phaseFile } from '../support/phase-file.ts'

let at: OwnWorkspace
const SETUP = ['needs: []', 'owner: [engineering]', 'duration: { min: 1d, max: 2d }', 'mode: parallel']
const AFTER = ['needs: [contract]', 'owner: [engineering]', 'mode: parallel']
const PHASES = {
  contract: phaseFile('contract', CONTRACT, [SIGNED, AGREED, later('legal', 'engineering')]),
  setup: phaseFile('setup', SETUP, [holds('small', 'Small'), holds('fine', 'Fine')]),
  after: phaseFile('after', AFTER, [holds('proven', 'Proven'), ASKED]),
}
const tasks = async (more = '') => (await at.json<{ tasks: OpenItem[] }>('tasks', `tasks ${more}`)).result.tasks
const brief = (items: readonly OpenItem[]) => items.map(({ onboarding, kind, step, due, overdue }) => [onboarding, kind, step, due, overdue])
const as = (who: string) => ({ ...at.env, ONBOARD_ACTOR: who })

beforeEach(async () => {
  at = await ownWorkspace({ roles: ['legal', 'engineering', 'customer'], people: PEOPLE, phases: PHASES })
  expect((await at.run('handoff accept --file acme.yaml --runbook ours')).exit).toBe(0)
  await at.write('beta.yaml', (await at.read('acme.yaml')).replace('name: Acme Industrial GmbH, slug: acme', 'name: Beta AG, slug: beta'))
})
afterEach(() => at.remove())

test('over all onboardings, what is overdue first; each with whose it is and what to type', async () => {
  expect((await at.run('db clock --to 2026-12-01T09:00:00Z')).exit).toBe(0)
  expect((await at.run('handoff accept --file beta.yaml --runbook ours')).exit).toBe(0)
  const all = await tasks()
  expect(brief(all).slice(0, 4)).toEqual([
    ['acme', 'apply', null, '2026-11-24', true],
    ['acme', 'sign', 'contract.signed', '2026-11-27', true],
    ['acme', 'sign', 'contract.agreed', '2026-11-27', true],
    ['acme', 'blocked', 'contract.later', '2026-11-27', true],
  ])
  expect(all.slice(4).map(({ due }) => due)).toEqual(all.slice(4).map(({ due }) => due).toSorted())
  expect(all.slice(4).some(({ overdue }) => overdue)).toBe(false)
  expect(all.find(({ kind }) => kind === 'apply')).toMatchObject({ title: '2 steps can be applied', for: ['engineering'], next: 'onboard apply acme' })
  expect(all[1]).toMatchObject({ for: ['legal'], people: ['Lea', 'Leo'], next: 'onboard sign acme contract.signed' })
  expect(all[2]).toMatchObject({
    for: ['customer'], people: ['Ada Meier'], next: 'onboard sign acme contract.agreed --on-behalf-of CONTACT',
  })
  expect(all[3]).toMatchObject({
    reason: expect.stringContaining('unavailable') as string,
    next: 'onboard waive acme contract.later --reason TEXT --until DATE',
  })
  // Its owners, who may mend what blocks it, and everybody who may waive it, since that is the command.
  expect(all[3]?.for).toEqual(['legal', 'engineering'])
  expect(brief(await tasks('acme --role customer'))).toEqual([['acme', 'sign', 'contract.agreed', '2026-11-27', true]])
  const shown = await at.run('tasks')
  expect((await at.run('cancel beta --reason x')).exit).toBe(0)
  expect((await tasks()).some(({ onboarding }) => onboarding === 'beta')).toBe(false)
  expect(shown.stdout).toMatch(/8 open, 4 overdue · today is 2026-12-01/)
  expect(shown.stdout).toContain('→ npx onboard apply acme')
})

test('what is given to one person is not the others’; given back it is everybody’s again', async () => {
  const mine = async (who: string) => {
    const { tasks: items } = JSON.parse((await at.run('tasks --mine --json')).stdout) as { tasks: OpenItem[] }
    return items.map(({ step }) => `${who} ${String(step)}`)
  }
  Object.assign(at.env, as('Leo <leo@vendor.example>'))
  expect(await mine('leo')).toContain('leo contract.signed')
  const given = await at.json<object>('assign', 'assign acme signed --to LEA@vendor.example')
  expect(given.result).toMatchObject({ outcome: 'assigned', to: { name: 'Lea' } })
  expect((await at.json('assign', 'assign acme signed --to lea@vendor.example')).result).toMatchObject({ outcome: 'unchanged', head: null })
  expect(await mine('leo')).not.toContain('leo contract.signed')
  Object.assign(at.env, as('Lea <lea@vendor.example>'))
  expect(await mine('lea')).toContain('lea contract.signed')
  expect((await tasks()).find(({ step }) => step === 'contract.signed')?.assigned).toMatchObject({ email: 'lea@vendor.example' })
  expect((await at.json('assign', 'assign acme signed --nobody')).result).toMatchObject({ outcome: 'unassigned', to: null })
  expect((await at.json('assign', 'assign acme signed --nobody')).result).toMatchObject({ outcome: 'unchanged' })
  const { entries } = JSON.parse((await at.run('audit log acme --json')).stdout) as { entries: { kind: string; facts: object }[] }
  expect(entries.filter(({ kind }) => kind === 'assigned').map(({ facts }) => facts)).toEqual([{ assigned: true }, { assigned: false }])
  expect((await at.json('assign', 'assign acme agreed --to tom@acme.example')).result).toMatchObject({ outcome: 'assigned' })
})

test('what was done behind a waiver stays done when it has ended; what was not waits for it', async () => {
  expect((await at.run("waive acme contract.later --reason 'in spring' --until 2026-11-30 --signer lea@vendor.example")).exit).toBe(0)
  for (const line of ['sign acme signed --signer lea@vendor.example', 'sign acme agreed --on-behalf-of primary', 'apply acme --phase contract']) {
    expect([0, 5], line).toContain((await at.run(line)).exit)
  }
  const steps = async () => {
    const { phases } = (await at.json<Status>('status', 'status acme')).result
    return Object.fromEntries(phases.flatMap((phase) => phase.steps.map(({ key, state }) => [`${key.step}${key.instance}`, state])))
  }
  await at.run('apply acme --step proven')
  expect(await steps()).toMatchObject({ later: 'waived', proven: 'done', asked: 'waiting' })
  await at.run('db clock --to 2026-12-01T09:00:00Z')
  expect(await steps()).toMatchObject({ later: 'blocked', proven: 'done', asked: 'blocked' })
  expect((await at.run('sign acme asked --signer eva@vendor.example')).exit).toBe(5)
})

test('a waiver that ends soon is somebody’s business; one that has ended is an open step again', async () => {
  const waived = await at.run("waive acme contract.later --reason 'comes in spring' --until 2026-11-30 --signer lea@vendor.example")
  expect(waived.exit).toBe(0)
  expect(brief(await tasks('acme')).find(([, kind]) => kind === 'waiver')).toBeUndefined()
  await at.run('db clock --to 2026-11-24T09:00:00Z')
  const ending = (await tasks('acme')).find(({ kind }) => kind === 'waiver')
  expect(ending).toMatchObject({ step: 'contract.later', due: '2026-11-30', for: ['legal', 'engineering'], reason: 'its waiver ends on 2026-11-30' })
  await at.run('db clock --to 2026-12-01T09:00:00Z')
  const open = (await tasks('acme')).filter(({ step }) => step === 'contract.later')
  expect(open.map(({ kind }) => kind)).toEqual(['blocked'])
  await at.run("waive acme contract.later --reason 'in summer' --until 2027-06-30 --signer leo@vendor.example")
  const { result } = await at.json<{ waivers: object[] }>('waivers', 'waivers acme')
  expect(result.waivers).toMatchObject([
    { step: 'contract.later', state: 'replaced', until: '2026-11-30', by: 'Lea', role: 'legal', reason: 'comes in spring' },
    { step: 'contract.later', state: 'holds', until: '2027-06-30', by: 'Leo' },
  ])
  await at.run('db clock --to 2027-07-01T09:00:00Z')
  expect((await at.run('waivers')).stdout).toMatch(/2027-06-30 +ended +Leo legal +in summer/)
  const past = await at.run('waive acme contract.later --reason x --until 2027-06-30 --signer leo@vendor.example')
  expect([past.exit, past.stderr]).toEqual([3, expect.stringContaining('has passed')])
})

test('open issues are with whoever the escalation says; what is to be done about them is its owner’s', async () => {
  expect((await at.run("issue add acme 'Login is slow' --severity P2")).exit).toBe(0)
  expect((await at.run("issue update acme 1 --action 'Tell the customer' --action-owner lea@vendor.example --due 2026-11-19")).exit).toBe(0)
  const found = (await tasks('acme')).filter(({ kind }) => kind === 'issue' || kind === 'action')
  expect(found).toMatchObject([
    { kind: 'action', title: 'Tell the customer', assigned: { name: 'Lea' }, due: '2026-11-19', overdue: true, reason: 'issue 1: Login is slow' },
    { kind: 'issue', title: 'Login is slow', next: 'onboard issue show acme 1' },
  ])
  Object.assign(at.env, as('Leo <leo@vendor.example>'))
  expect((await tasks('acme --mine')).map(({ kind }) => kind)).not.toContain('action')
  Object.assign(at.env, as('Lea <lea@vendor.example>'))
  expect((await tasks('acme --mine')).map(({ kind }) => kind)).toContain('action')
  await at.run("issue resolve acme 1 --resolution 'More memory'")
  expect((await tasks('acme')).filter(({ kind }) => kind === 'issue')).toEqual([])
})

test.each([
  ['tasks --mine', 2, 'is not a mail address'],
  ['tasks --role lgeal', 2, 'did you mean legal?'],
  ['tasks acne', 2, 'Did you mean acme?'],
  ['assign acme signed', 2, 'needs --to MAIL, or --nobody'],
  ['assign acme signed --to eva@vendor.example', 9, 'is done by legal'],
  ['assign acme signed --to nobody@vendor.example', 9, 'is in no role'],
  ['assign acme agreed --to lea@vendor.example', 9, 'is done by customer'],
  ['assign acme nothing --to lea@vendor.example', 2, 'has no step'],
])('%s', async (line, exit, says) => {
  const ran = await at.run(line)
  expect([ran.exit, ran.stderr]).toEqual([exit, expect.stringContaining(says)])
})

test('every command of the table works as it stands there, wherever it is typed', async () => {
  const away = await mkdtemp(join(tmpdir(), 'onboard-away-'))
  const { stdout } = await cli(['tasks', '--workspace', at.cwd], { cwd: away, env: at.env })
  const commands = [...stdout.matchAll(/(?<=^ {2,})(?:npx )?onboard .*$/gm)].map(([one]) => one)
  expect(commands.length).toBeGreaterThan(2)
  for (const one of commands) expect(one).toMatch(new RegExp(`^npx onboard .* --workspace ${at.cwd}$`))
  const [apply = ''] = commands.filter((one) => one.includes('onboard apply '))
  expect((await cli(apply.split(' ').slice(2), { cwd: away, env: at.env })).exit).toBe(5)
  await rm(away, { recursive: true })
})
