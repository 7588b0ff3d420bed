import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase, resolveTarget } from '../../src/database/open.ts'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'

const PHASE = `apiVersion: onboard/v1
phase: setup
title: Setup
owner: [engineering]
steps:
  - { id: tenant, title: Tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ onboarding.company }}", plan: enterprise } }
  - { id: limits, title: Limits, uses: tenant.settings, with: { tenant: "\${{ onboarding.tenant_slug }}", limits: { api_calls_per_15min: "\${{ handoff.commercial.limits.api_calls_per_15min }}" } } }
`
const PEOPLE = '  engineering: [{ name: Eva, email: eva@vendor.example }]\n'
const METRICS = `metrics:
  api_calls: { kind: count, sql: "SELECT count(*) AS count FROM calls WHERE tenant = $1 AND at >= $2 AND at < $3" }
  rate_limited: { kind: count, sql: "SELECT count(*) AS count FROM calls WHERE tenant = $1 AND at >= $2 AND at < $3 AND code = 429" }
`

let at: OwnWorkspace
beforeEach(async () => {
  at = await ownWorkspace({ roles: ['engineering'], people: PEOPLE, phases: { setup: PHASE } })
  await sql('CREATE TABLE calls (tenant text, at timestamptz, code int); GRANT SELECT ON calls TO onboard_reader, onboard_app')
  expect((await at.run('handoff accept --file acme.yaml --runbook ours')).exit).toBe(0)
})
afterEach(() => at.remove())

const sql = <R extends object>(text: string) => at.sql<R>(text)
const states = ({ findings }: Diagnosis) => Object.fromEntries(findings.map(({ name, state }) => [name, state]))
const diagnose = (what: string) => at.json<Diagnosis>('diagnose', `diagnose ${what} acme`)

test('refused calls: the limit against the contract, what is used of it, and what to do about it', async () => {
  const before = await diagnose('rate-limit')
  expect([before.exit, states(before.result)]).toEqual([5, { limit: 'not_checked', usage: 'not_checked', refused: 'not_checked' }])
  await at.run('apply acme')
  const [row] = await sql<{ limit: number }>(`SELECT (settings #>> '{limits,api_calls_per_15min}')::int AS limit FROM tenants`)
  const limit = row!.limit
  await at.write('onboard.config.yaml', `apiVersion: onboard/v1\nvendor: { name: V }\n${METRICS}roles:\n${PEOPLE}`)
  await at.run('trust')
  const idle = await diagnose('rate-limit')
  expect([idle.exit, states(idle.result)]).toEqual([0, { limit: 'ok', usage: 'ok', refused: 'ok' }])

  await sql(`INSERT INTO calls SELECT 'acme', '2026-11-20T08:55:00Z', CASE WHEN n > ${limit} THEN 429 ELSE 200 END FROM generate_series(1, ${limit + 5}) n;
             INSERT INTO calls SELECT 'other', '2026-11-20T08:55:00Z', 429 FROM generate_series(1, 9)`)
  const full = await diagnose('rate-limit')
  expect([full.exit, states(full.result)]).toEqual([6, { limit: 'ok', usage: 'fail', refused: 'warn' }])
  expect(full.result.findings[2]?.message).toContain('5 calls were refused')
  expect(full.result.findings[1]?.next).toBe('onboard handoff revise acme --file FILE --reason TEXT')

  await sql(`UPDATE tenants SET settings = jsonb_set(settings, '{limits,api_calls_per_15min}', '7')`)
  const low = await diagnose('rate-limit')
  expect(low.result.findings[0]).toMatchObject({ state: 'fail', message: `the product allows 7 calls in 15 minutes, the contract ${limit}`, next: 'onboard plan acme' })
  expect(low.result.findings[1]?.next).toBe('onboard plan acme')
})

test('slow: what the database says of itself; what is not kept is not said to be well', async () => {
  const { exit, result } = await diagnose('latency')
  expect([exit, states(result)]).toEqual([0, { connections: 'ok', statements: 'ok', locks: 'ok', cache: expect.any(String), 'slow queries': 'not_checked' }])
  const database = await openDatabase(resolveTarget({ flag: undefined, env: { ...at.env }, config: undefined }))
  const [holder, waiter] = [await database.connect('owner'), await database.connect('owner')]
  await holder.query('BEGIN; LOCK TABLE calls')
  const waiting = waiter.query('SELECT count(*) FROM calls')
  try {
    let locks = ''
    for (let n = 0; n < 50 && !locks.includes('calls'); n++) {
      locks = (await diagnose('latency')).result.findings.find(({ name }) => name === 'locks')?.message ?? ''
    }
    expect(locks).toBe('1 wait for a lock on calls')
  } finally {
    await holder.query('ROLLBACK')
    await waiting
    for (const one of [holder, waiter]) await one.end()
    await database.close()
  }
})
