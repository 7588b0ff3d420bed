/** Reminders: whose turn it is gets a mail, as often as the config says; nobody gets one twice, nor without need. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { start } from '../acceptance/process.ts'
import { AGREED, ASKED, CONTRACT, holds, later, PEOPLE, SIGNED } from '../support/contract-runbook.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'
import { phaseFile } from '../support/phase-file.ts'
import { mailserver, type Mailserver } from '../support/smtp.ts'

interface Reminded {
  readonly onboarding: string
  readonly to: { readonly email: string } | null
  readonly steps: readonly { readonly step: string }[]
  readonly outcome: string
  readonly message_id: string | null
}

/** Asked of a role that nobody has. */
const EMPTY = 'id: empty, title: Somebody looks, uses: confirm, with: { text: "Looked?", from: [security] }'
const PHASES = {
  contract: phaseFile('contract', CONTRACT, [SIGNED, AGREED, EMPTY, later('engineering')]),
  setup: phaseFile('setup', ['needs: []', 'owner: [engineering]', 'mode: parallel'], [holds('small', 'Small')]),
  after: phaseFile('after', ['needs: [contract]', 'owner: [engineering]'], [ASKED]),
}
/** The contract is planned to be done by then. */
const DUE = '2026-11-27'

let at: OwnWorkspace
let server: Mailserver | undefined
const config = (more: string) =>
  at.write(
    'onboard.config.yaml',
    `apiVersion: onboard/v1\nvendor: { name: V, support_email: help@vendor.example }\n${more}\nroles:\n${PEOPLE}`,
  )
const FOLDER = 'mail: { from: V <onboarding@vendor.example>, folder: outbox }'

beforeEach(async () => {
  at = await ownWorkspace({ roles: ['legal', 'engineering', 'security', 'customer'], people: PEOPLE, phases: PHASES })
  await config(FOLDER)
  expect((await at.run('trust --yes')).exit).toBe(0)
  expect((await at.run('handoff accept --file acme.yaml --runbook ours')).exit).toBe(0)
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await at.remove()
})

const day = async (date: string): Promise<void> => void expect((await at.run(`db clock --to ${date}T09:00:00Z`)).exit).toBe(0)
const remind = async (more = '') => {
  const { exit, result } = await at.json<{ today: string; reminders: Reminded[] }>('remind', `remind ${more}`)
  return {
    exit,
    all: result.reminders,
    brief: result.reminders.map(({ to, steps, outcome }) => [
      to?.email ?? null, outcome, ...steps.map(({ step }) => step),
    ]),
  }
}
const mails = async (): Promise<string[]> => {
  const files = await readdir(join(at.cwd, 'outbox')).catch(() => [])
  return Promise.all(files.toSorted().map((file) => readFile(join(at.cwd, 'outbox', file), 'utf8')))
}
const journal = () => at.sql<{ body: string }>(`SELECT body FROM onboard.journal WHERE kind = 'reminded' ORDER BY seq`)

test('from two business days before it is due, every second one; the same day again, nobody', async () => {
  await day('2026-11-24')
  expect(await remind()).toMatchObject({ exit: 0, all: [] })
  await day('2026-11-25')
  const planned = await remind('--dry-run')
  const due = (outcome: string) => [
    // Who may wait for a feature no longer, and who may mend what is missing.
    ['lea@vendor.example', outcome, 'contract.signed', 'contract.later'], ['leo@vendor.example', outcome, 'contract.signed', 'contract.later'],
    ['ada@acme.example', outcome, 'contract.agreed'], ['eva@vendor.example', outcome, 'contract.later'],
  ]
  expect(planned.brief.filter(([to]) => to !== null)).toEqual(expect.arrayContaining(due('planned')))
  expect(planned.brief).toContainEqual([null, 'nobody', 'contract.empty'])
  expect([await mails(), await journal()], 'a dry run changes nothing').toEqual([[], []])

  const first = await remind()
  expect(first.exit).toBe(0)
  expect(first.brief.filter(([to]) => to !== null)).toEqual(expect.arrayContaining(due('sent')))
  expect((await mails()).length).toBe(first.all.filter(({ outcome }) => outcome === 'sent').length)
  expect((await journal()).length).toBe((await mails()).length)
  expect((await remind()).brief).toEqual([[null, 'nobody', 'contract.empty']])
  await day('2026-11-26')
  expect((await remind()).brief).toEqual([[null, 'nobody', 'contract.empty']])
  await day(DUE)
  expect((await remind()).brief).toHaveLength(first.all.length)
  // Friday; then nobody works for two days, and two business days later it is Tuesday.
  for (const [date, count] of [['2026-11-28', 0], ['2026-11-30', 1], ['2026-12-01', first.all.length]] as const) {
    await day(date)
    expect((await remind()).all, date).toHaveLength(count)
    if (date === '2026-11-28') expect((await at.run('remind')).stdout).toContain('Nobody works today')
  }
  expect((await at.run('audit verify acme')).exit).toBe(0)
})

test('what a mail says: to the customer without our commands, to us with them', async () => {
  await day(DUE)
  await remind('acme')
  const all = await mails()
  const ada = all.find((text) => text.includes('To: ada@acme.example')) ?? ''
  expect(ada).toMatch(/Subject: Acme Industrial GmbH: one step waits for you/)
  expect(ada).toContain('The customer agrees')
  expect(ada).toContain('help@vendor.example')
  expect(ada).not.toMatch(/onboard (sign|assign)|contract\.signed/)
  const lea = all.find((text) => text.includes('To: lea@vendor.example')) ?? ''
  expect(lea).toContain('onboard sign acme contract.signed')
  const log = await at.run('audit log acme')
  expect(log.stdout).toMatch(/reminded.*Lea <lea@vendor.example> of contract.signed/)
  const [entry] = await journal()
  expect(entry?.body, 'no address in the chain itself').not.toContain('vendor.example')
})

test('not what is done, waived, on hold or given up; and the one whose it is alone', async () => {
  await day(DUE)
  expect((await at.run('sign acme contract.agreed --on-behalf-of primary')).exit).toBe(0)
  expect((await at.run('waive acme contract.later --reason x --until 2027-01-31 --signer eva@vendor.example')).exit).toBe(0)
  expect((await at.run('assign acme contract.signed --to leo@vendor.example')).exit).toBe(0)
  expect((await remind('--dry-run')).brief.filter(([to]) => to !== null)).toEqual([['leo@vendor.example', 'planned', 'contract.signed']])
  expect((await at.run('hold acme --reason moving')).exit).toBe(0)
  expect((await remind()).all).toEqual([])
  expect((await at.run('resume acme')).exit).toBe(0)
  expect((await at.run('cancel acme --reason x')).exit).toBe(0)
  expect((await remind()).all).toEqual([])
  expect(await mails()).toEqual([])
})

test('how often is the config’s; a new owner of a step is reminded though the one before was', async () => {
  await config(`${FOLDER}\nreminders: { before: 0d, every: 1d }`)
  expect((await at.run('trust --yes')).exit).toBe(0)
  await day('2026-11-26')
  expect((await remind()).all).toEqual([])
  await day(DUE)
  expect((await remind()).brief).toContainEqual(['lea@vendor.example', 'sent', 'contract.signed', 'contract.later'])
  expect((await at.run('assign acme contract.signed --to leo@vendor.example')).exit).toBe(0)
  expect((await remind()).brief, 'he was, today').toEqual([[null, 'nobody', 'contract.empty']])
  expect((await at.run('assign acme contract.agreed --to uta@acme.example')).exit).toBe(0)
  expect((await remind()).brief).toContainEqual(['uta@acme.example', 'sent', 'contract.agreed'])
  await config(`${FOLDER}\nreminders: { every: often }`)
  expect((await at.json('error', 'remind')).exit).toBe(3)
})

test('two at once send one mail to each', async () => {
  server = await mailserver()
  await config(`mail: { from: "V <onboarding@vendor.example>", smtp: { host: 127.0.0.1, port: ${server.port}, security: none } }`)
  expect((await at.run('trust --yes')).exit).toBe(0)
  await day(DUE)
  await Promise.all([remind(), remind(), remind()])
  const to = server.taken.map(({ to: [one] }) => one).toSorted()
  expect(to).toEqual([...new Set(to)])
  expect(to).toContain('lea@vendor.example')
  expect((await journal()).length).toBe(to.length)
})

test('a server that refuses one: the others get theirs, and this one the next time', async () => {
  let open = false
  const refusal = Object.assign(new Error('no such person'), { responseCode: 550 })
  server = await mailserver({
    onRcptTo: ({ address }, _session, done) => done(open || !address.startsWith('ada') ? null : refusal),
  })
  await config(
    `mail: { from: "V <onboarding@vendor.example>", smtp: { host: 127.0.0.1, port: ${server.port}, security: none } }`,
  )
  expect((await at.run('trust --yes')).exit).toBe(0)
  await day(DUE)
  const first = await remind()
  expect(first.exit).toBe(1)
  expect(first.brief).toContainEqual(['ada@acme.example', 'refused', 'contract.agreed'])
  const others = server.taken.length
  expect(others).toBe(first.all.filter(({ outcome }) => outcome === 'sent').length)
  open = true
  const again = await remind()
  expect([again.exit, again.brief.filter(([to]) => to !== null)]).toEqual([0, [['ada@acme.example', 'sent', 'contract.agreed']]])
  expect(server.taken.length).toBe(others + 1)
})

test('a server that is not there: exit 8, nothing journaled; one that was told and hung up: nobody knows, and nobody gets it twice', async () => {
  server = await mailserver({}, () => new Promise(() => undefined))
  const gone = server.port
  await config(`mail: { from: "V <onboarding@vendor.example>", smtp: { host: 127.0.0.1, port: ${gone}, security: none, timeout_seconds: 1 } }`)
  expect((await at.run('trust --yes')).exit).toBe(0)
  await day(DUE)
  for (const [step, by] of [['contract.signed', 'lea'], ['contract.later', 'eva']] as const) {
    await at.run(`waive acme ${step} --reason x --until 2027-01-31 --signer ${by}@vendor.example`)
  }
  const unknown = await at.json<{ reminders: Reminded[] }>('remind', 'remind')
  const ada = unknown.result.reminders.find(({ to }) => to?.email === 'ada@acme.example')
  expect([unknown.exit, ada?.outcome]).toEqual([5, 'unknown'])
  await server.close()
  server = await mailserver()
  await config(`mail: { from: "V <onboarding@vendor.example>", smtp: { host: 127.0.0.1, port: ${server.port}, security: none } }`)
  expect((await at.run('trust --yes')).exit).toBe(0)
  await remind()
  expect(server.taken.filter(({ to }) => to[0] === 'ada@acme.example'), 'it is not sent again by itself').toEqual([])
  const id = (ada?.message_id ?? '').slice(1, 13)
  expect((await at.run(`document mail acme --resend ${id} --reason lost`)).exit).toBe(0)
  expect((await remind()).brief).toContainEqual(['ada@acme.example', 'sent', 'contract.agreed'])
  await server.close()
  await day('2026-12-01')
  expect(await at.json('error', 'remind')).toMatchObject({ exit: 8 })
  server = undefined
})

test('killed after a mail was handed over, nobody gets that one again, and the others get theirs', async () => {
  let hang = true
  server = await mailserver({}, () => (hang ? new Promise(() => undefined) : Promise.resolve()))
  await config(`mail: { from: "V <onboarding@vendor.example>", smtp: { host: 127.0.0.1, port: ${server.port}, security: none } }`)
  expect((await at.run('trust --yes')).exit).toBe(0)
  await day(DUE)
  const running = start(['remind'], { cwd: at.cwd, env: at.env })
  const given = () => at.sql<{ recipients: string[]; state: string }>(`SELECT recipients, state FROM onboard.outbox`)
  await expect.poll(async () => (await given()).length, { timeout: 10_000 }).toBe(1)
  running.process.kill('SIGKILL')
  await running.ended
  const [half] = await given()
  expect(half?.state).toBe('sending')
  hang = false
  const again = await remind()
  expect(again.brief.filter(([, outcome]) => outcome === 'sent').map(([to]) => to)).not.toContain(half?.recipients[0])
  expect(server.taken.map(({ to }) => to[0])).not.toContain(half?.recipients[0])
  expect(server.taken.length).toBeGreaterThan(1)
  expect((await at.run('document mail acme')).stdout).toContain('not known whether it was sent')
})

test('a workspace that is not trusted sends nothing', async () => {
  await config(`${FOLDER}\n# changed`)
  await day(DUE)
  expect(await at.json('error', 'remind')).toMatchObject({ exit: 9 })
  expect(await mails()).toEqual([])
})
