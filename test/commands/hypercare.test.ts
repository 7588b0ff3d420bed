/** The first hour, check-ins and the end of hypercare, by their commands, on a moved clock. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import type { Hypercare } from '../../src/onboarding/check-ins.ts'
import type { CheckInResult } from '../../src/onboarding/hypercare-check-in.ts'
import type { CloseResult } from '../../src/onboarding/hypercare-close.ts'
import type { Watched } from '../../src/onboarding/watch.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

const CONFIG = `apiVersion: onboard/v1
vendor: { name: V }
time_zone: Europe/Berlin
roles:
  engineering: [{ name: Eva Weber, email: eva@vendor.example }]
  customer-success: [{ name: Cleo Adams, email: cleo@vendor.example }]
  support: [{ name: Sun Park, email: sun@vendor.example }]
hypercare: { tickets_per_seat_per_day: 0.002 }
metrics:
  login_success: { kind: share, sql: "SELECT count(*) FILTER (WHERE ok) AS part, count(*) AS total FROM logins WHERE tenant = $1 AND at >= $2 AND at < $3" }
  support_tickets: { kind: events, csv: { file: tickets.csv, time: opened, time_zone: Europe/Berlin, severity: severity } }
  logins: { kind: count, sql: "SELECT count(*) AS count FROM logins WHERE tenant = $1 AND at >= $2 AND at < $3" }
`
const RUNBOOK = `apiVersion: onboard/v1
runbook: ours
title: Ours
version: 1.0.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [engineering, customer-success, support]
phases: [go_live, hypercare]
thresholds:
  - { id: login_success, title: Logins that succeed, good: high, target: 99, alert: 95, unit: "%", window: 24h, min_samples: 20 }
`
const GO_LIVE = `apiVersion: onboard/v1
phase: go_live
title: Go-live
owner: [engineering]
steps:
  - { id: tenant, title: The tenant, uses: tenant.record, with: { slug: "\${{ onboarding.slug }}", name: "\${{ handoff.company.name }}", plan: enterprise } }
  - { id: access, title: Production access, uses: tenant.access, with: { tenant: "\${{ onboarding.slug }}", production: true } }
  - { id: first_hour, title: The first hour, uses: go_live.watched, with: { minutes: 60 } }
`
const HYPERCARE = `apiVersion: onboard/v1
phase: hypercare
title: Hypercare
owner: [customer-success]
needs: []
mode: parallel
days: calendar
starts: { at: onboarding.live_on, offset: 1d }
steps:
  - { id: check_in, title: Check-in, uses: hypercare.check_in, on: [day 1, day 2, day 4], with: { day: "\${{ each }}" }, waivable_by: [customer-success] }
  - { id: handover, title: Support takes over, uses: confirm, on: [day 5], owner: [support], needs: [check_in], with: { text: Yours? } }
`
let dir = ''
let env: Record<string, string> = {}
let database: Database
const cleo = ['--signer', 'cleo@vendor.example'] as const
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const json = <R>(schema: string, ...argv: string[]) => cliJson<R>(schema, argv, { cwd: dir, env })
const checkIn = async (...more: string[]) => (await json<CheckInResult>('hypercare-check-in', 'hypercare', 'check-in', 'acme', ...cleo, ...more)).result
const schedule = async () => (await json<Hypercare>('hypercare-schedule', 'hypercare', 'schedule', 'acme')).result
const states = async () => (await schedule()).check_ins.map(({ day, state }) => `${day} ${state}`)
const sql = async (text: string) => {
  const owner = await database.connect('owner')
  await owner.query(text).finally(() => owner.end())
}
const clock = (to: string) => sql(`SELECT onboard.move_clock('${to}')`)

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  database = await testDatabase({ simulated: '2027-02-15T08:00:00Z' })
  env = environmentOf(database)
  await mkdir(join(dir, 'runbooks/ours/phases'), { recursive: true })
  for (const [name, text] of Object.entries({
    'onboard.config.yaml': CONFIG, 'runbooks/ours/runbook.yaml': RUNBOOK, 'runbooks/ours/phases/go_live.yaml': GO_LIVE, 'runbooks/ours/phases/hypercare.yaml': HYPERCARE,
    'tickets.csv': 'opened,severity\n2027-02-16 09:00,P3\n',
  })) await writeFile(join(dir, name), text)
  await sql(`CREATE TABLE logins (tenant text, at timestamptz, ok boolean); GRANT SELECT ON logins TO onboard_reader;
    INSERT INTO logins SELECT 'acme', '2027-02-15T08:00:00Z'::timestamptz + i * interval '10 minutes', true FROM generate_series(1, 600) i`)
  expect(await onboard('trust')).toMatchObject({ exit: 0 })
  expect(await onboard('handoff', 'accept', '--file', join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), '--runbook', 'ours')).toMatchObject({ exit: 0 })
})
afterEach(() => rm(dir, { recursive: true }))

/** Production access, on 15 February; the clock is then at 10 o'clock on a later day. */
async function live(on = '2027-02-15'): Promise<void> {
  expect((await onboard('apply', 'acme')).exit).toBe(5)
  if (on !== '2027-02-15') await clock(`${on}T09:00:00Z`)
}

describe('check-ins', () => {
  test('are the dated steps of the runbook: later, open on their day, missed after it', async () => {
    expect(await onboard('hypercare', 'schedule', 'acme')).toMatchObject({ exit: 5, stderr: expect.stringContaining('not live yet') })
    await live()
    expect(await schedule()).toMatchObject({ live_on: '2027-02-15', day: 0, check_ins: [{ date: '2027-02-16' }, { date: '2027-02-17' }, { date: '2027-02-19' }] })
    expect(await onboard('hypercare', 'check-in', 'acme', ...cleo)).toMatchObject({ exit: 5, stderr: expect.stringContaining('the first is on 2027-02-16') })
    await clock('2027-02-17T09:00:00Z')
    expect(await states()).toEqual(['1 missed', '2 open', '4 later'])
  })

  test('one measures since go-live, the next since the one before; it is a document, and its step is signed', async () => {
    await live('2027-02-16')
    const first = await checkIn('--note', 'All is well')
    expect(first).toMatchObject({ outcome: 'held', day: 1, date: '2027-02-16', missed: [], next: { day: 2, date: '2027-02-17' } })
    expect(first.data).toMatchObject({ customer: 'Acme Industrial GmbH', live_on: '2027-02-15', feedback: 'All is well', next: '2027-02-17' })
    // 150 logins in the 25 hours since go-live, each ten minutes.
    expect(first.data['metrics']).toMatchObject([{ title: 'Logins that succeed', value: '100 % of 149', target: 'over 99 %' }, { title: 'Support tickets', value: '1 in 2 days', state: 'ok' }, { title: 'Logins', value: '149' }])
    const shown = await onboard('document', 'show', 'acme', 'check-in-day-1')
    expect(shown.stdout).toContain('> All is well')
    expect(shown.stdout).toContain('Wednesday, 17 February 2027')
    expect(await states()).toEqual(['1 held', '2 later', '4 later'])
    await clock('2027-02-17T09:00:00Z')
    expect((await checkIn()).data['metrics']).toMatchObject([{ value: '100 % of 144' }, {}, { value: '144' }])
  })

  test('the same again changes nothing; other words are another version, with the numbers as they were', async () => {
    await live('2027-02-16')
    const first = await checkIn('--note', 'All is well')
    expect(await checkIn('--note', 'All is well')).toMatchObject({ outcome: 'unchanged', head: null, document: first.document })
    expect(await checkIn()).toMatchObject({ outcome: 'unchanged', head: null })
    await clock('2027-02-16T20:00:00Z')
    const second = await checkIn('--note', 'The export is slow')
    expect(second).toMatchObject({ outcome: 'changed', data: { feedback: 'The export is slow', metrics: first.data['metrics'] } })
    expect(second.document.digest).not.toBe(first.document.digest)
    expect(await states()).toEqual(['1 held', '2 later', '4 later'])
    expect((await onboard('audit', 'verify', 'acme')).exit).toBe(0)
  })

  test('what is open is carried forward until it is closed; what was resolved since is said once', async () => {
    await live('2027-02-16')
    await onboard('issue', 'add', 'acme', 'Export is slow', '--severity', 'P2', '--action', 'Look at the queries', '--action-owner', 'eva@vendor.example')
    await onboard('issue', 'add', 'acme', 'Typo', '--severity', 'P3')
    await onboard('issue', 'resolve', 'acme', '2', '--resolution', 'Corrected')
    const first = await checkIn()
    expect(first.data['issues']).toEqual([{ title: 'Export is slow', severity: 'P2', status: 'open' }, { title: 'Typo', severity: 'P3', status: 'resolved', resolution: 'Corrected' }])
    expect(first.data['actions']).toEqual([{ text: 'Look at the queries', owner: 'eva@vendor.example', done: false }])
    await clock('2027-02-17T09:00:00Z')
    expect((await checkIn()).data['issues']).toEqual([{ title: 'Export is slow', severity: 'P2', status: 'open' }])
  })

  test('one that was missed is named, and can be held late', async () => {
    await live('2027-02-17')
    expect(await checkIn()).toMatchObject({ day: 2, missed: [1] })
    expect((await onboard('hypercare', 'check-in', 'acme', ...cleo)).stdout).toContain('hypercare check-in acme --day 1')
    expect(await checkIn('--day', '1')).toMatchObject({ outcome: 'held', day: 1, date: '2027-02-16' })
    expect(await states()).toEqual(['1 held', '2 held', '4 later'])
  })

  test('a day without one, one to come, and somebody who may not hold it are refused; nothing is left half done', async () => {
    await live('2027-02-16')
    expect(await onboard('hypercare', 'check-in', 'acme', '--day', '3', ...cleo)).toMatchObject({ exit: 2, stderr: expect.stringContaining('they are on days 1, 2, 4') })
    expect(await onboard('hypercare', 'check-in', 'acme', '--day', '4', ...cleo)).toMatchObject({ exit: 5, stderr: expect.stringContaining('2027-02-19') })
    expect(await onboard('hypercare', 'check-in', 'acme', '--signer', 'eva@vendor.example')).toMatchObject({ exit: 9, stderr: expect.stringContaining('held by customer-success') })
    expect(await onboard('document', 'list', 'acme')).toMatchObject({ stdout: expect.not.stringContaining('check-in-day') })
    // A signature without the record is none.
    await writeFile(join(dir, 'note.md'), 'We talked.')
    expect(await onboard('sign', 'acme', 'hypercare.check_in/day-1', ...cleo, '--evidence', 'note.md')).toMatchObject({ exit: 3, stderr: expect.stringContaining('onboard hypercare check-in') })
  })

  test('where the record is there and the word is not, the same command gives the word again', async () => {
    await live('2027-02-16')
    const { document } = await checkIn()
    await onboard('reject', 'acme', 'hypercare.check_in/day-1', ...cleo, '--reason', 'Wrong customer on the phone')
    expect(await states()).toEqual(['1 open', '2 later', '4 later'])
    const again = await checkIn()
    expect(again).toMatchObject({ outcome: 'unchanged', document })
    expect(again.head).not.toBeNull()
    expect(await states()).toEqual(['1 held', '2 later', '4 later'])
  })
})

describe('watching', () => {
  const watch = (...more: string[]) => json<Watched>('watch', 'go-live', 'watch', 'acme', '--for', '1s', '--every', '1s', ...more)

  test('the first hour is signed by who watched, with what was seen', async () => {
    await live('2027-02-16')
    expect(await onboard('go-live', 'watch', 'acme', '--for', '1s')).toMatchObject({ exit: 2, stderr: expect.stringContaining('--signer MAIL') })
    expect(await onboard('go-live', 'watch', 'acme', '--for', '1s', ...cleo)).toMatchObject({ exit: 9 })
    const { exit, result } = await watch('--signer', 'eva@vendor.example')
    expect(exit).toBe(0)
    expect(result.samples.length).toBeGreaterThanOrEqual(2)
    expect(result.samples[0]?.metrics.map(({ id, state }) => `${id} ${state}`)).toEqual(['login_success few', 'support_tickets ok', 'logins ok'])
    const status = (await json<{ phases: { steps: { key: { step: string }; state: string }[] }[] }>('status', 'status', 'acme')).result
    expect(status.phases[0]?.steps.find(({ key }) => key.step === 'first_hour')).toMatchObject({ state: 'done' })
  })

  test('on a terminal one look takes the place of the other, elsewhere each is a line', async () => {
    await live('2027-02-16')
    const argv = ['hypercare', 'watch', 'acme', '--for', '1s', '--every', '1s']
    const plain = await cli(argv, { cwd: dir, env })
    expect(plain.stderr.match(/^2027-02-16 10:00:00 .*Logins that succeed/gm)?.length).toBeGreaterThanOrEqual(2)
    expect(plain.stderr).not.toContain('\u001b')
    // A line for the time, and one for each metric.
    expect((await cli(argv, { cwd: dir, env, tty: true })).stderr).toContain('\u001b[4A\u001b[J')
  })

  test('past the alert line it ends with 6, and nobody has signed', async () => {
    await live('2027-02-16')
    await sql(`UPDATE logins SET ok = false WHERE at > '2027-02-16T06:00:00Z'`)
    const seen = await json<Watched>('watch', 'hypercare', 'watch', 'acme', '--for', '1s')
    expect(seen).toMatchObject({ exit: 6, result: { state: 'alert', alerts: ['Logins that succeed'] } })
    await sql(`INSERT INTO logins SELECT 'acme', '2027-02-16T08:30:00Z', false FROM generate_series(1, 50)`)
    expect(await onboard('go-live', 'watch', 'acme', '--for', '1s', '--signer', 'eva@vendor.example')).toMatchObject({ exit: 6, stdout: expect.stringContaining('onboard rollback acme') })
    expect((await onboard('status', 'acme')).stdout).toContain('first_hour')
  })

  test('a customer who is not live, a source that is not there, and a time that is none', async () => {
    expect(await onboard('hypercare', 'watch', 'acme', '--for', '1s')).toMatchObject({ exit: 5, stderr: expect.stringContaining('not live') })
    await live('2027-02-16')
    expect(await onboard('hypercare', 'watch', 'acme', '--for', 'long')).toMatchObject({ exit: 2, stderr: expect.stringContaining('90s, 60m or 2h') })
    await sql('DROP TABLE logins')
    const seen = await json<Watched>('watch', 'hypercare', 'watch', 'acme', '--for', '1s')
    expect(seen).toMatchObject({ exit: 5, result: { state: 'unmeasured' } })
    expect(seen.result.samples[0]?.metrics[0]?.notes[0]).toContain('logins')
  })
})

describe('the end', () => {
  test('Support takes over once nothing is open, and not before', async () => {
    await live('2027-02-20')
    const close = (...who: string[]) => onboard('hypercare', 'close', 'acme', ...who)
    expect(await close('--signer', 'sun@vendor.example')).toMatchObject({ exit: 5, stderr: expect.stringMatching(/go_live\.first_hour.*hypercare\.check_in\/day-1/) })
    expect(await onboard('go-live', 'watch', 'acme', '--for', '1s', '--signer', 'eva@vendor.example')).toMatchObject({ exit: 0 })
    for (const day of ['1', '2', '4']) await checkIn('--day', day)
    expect(await close(...cleo)).toMatchObject({ exit: 9, stderr: expect.stringContaining('signed by support') })
    const done = await json<CloseResult>('hypercare-close', 'hypercare', 'close', 'acme', '--signer', 'sun@vendor.example')
    expect(done).toMatchObject({ exit: 0, result: { outcome: 'closed', step: { step: 'handover' }, signer: { name: 'Sun Park' } } })
    expect((await json<CloseResult>('hypercare-close', 'hypercare', 'close', 'acme', '--signer', 'sun@vendor.example')).result).toMatchObject({ outcome: 'unchanged', head: null })
    expect((await onboard('apply', 'acme')).exit).toBe(0)
  })
})
