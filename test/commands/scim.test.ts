import { beforeAll, describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'
import { gatewayOf } from '../support/gateway-of.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'
import { phaseFile, TENANT, TENANT_RECORD } from '../support/phase-file.ts'

const PEOPLE = '  engineering: [{ name: Eva, email: eva@vendor.example }]\n'
const SETUP = phaseFile('setup', ['owner: [engineering]'], [
  TENANT_RECORD,
  `id: token, title: Token, uses: scim.token, with: { ${TENANT}, expires_days: 200 }`,
  `id: mapping, title: Mapping, uses: scim.mapping, with: { ${TENANT}, groups: [{ group: Admins, role: admin }] }`,
  `id: enabled, title: Enabled, uses: scim.enable, with: { ${TENANT} }`,
])
let at: OwnWorkspace
let origin: string
let secret = 0

beforeAll(async () => {
  at = await ownWorkspace({ roles: ['engineering'], people: PEOPLE, phases: { setup: SETUP } })
  await at.run('handoff accept --file acme.yaml --runbook ours')
  const gateway = await gatewayOf(at.env)
  origin = gateway.origin
  return async () => {
    await gateway.close()
    await at.remove()
  }
})

/** Runs a command that issues a token; gives the token. */
async function issued(line: string): Promise<string> {
  const file = `secrets-${++secret}.jsonl`
  const ran = await at.run(`${line} --secrets-out ${file}`)
  expect(ran, ran.stderr).toMatchObject({ exit: 0 })
  return (JSON.parse(await at.read(file)) as { value: string }).value
}
const send = (token: string, method: string, path: string, body?: object) =>
  fetch(`${origin}/scim/v2/acme${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const opens = async (token: string) => (await send(token, 'GET', '/Users?count=1')).status === 200
const diagnose = async () => {
  const { exit, result } = await at.json<Diagnosis>('diagnose', 'diagnose scim acme')
  return { exit, all: result.findings, of: (name: string) => result.findings.filter((one) => one.name === name) }
}

describe('a token from its issue to its end', () => {
  let first: string

  test('before there is one, diagnose says what to do, and nothing can be rotated', async () => {
    expect((await diagnose()).all.every((one) => one.state === 'not_checked')).toBe(true)
    const early = await at.run('scim rotate acme --secrets-out early.jsonl')
    expect([early.exit, early.stderr]).toEqual([5, expect.stringContaining('was not done yet')])
    first = await issued('apply acme')
    expect(await opens(first)).toBe(true)
    const { of } = await diagnose()
    expect(of('token')).toMatchObject([{ state: 'ok', message: expect.stringContaining(first.slice(0, 17)) }])
    expect(of('directory')[0]?.message).toBe('its last request came within the last hour')
  })

  test('rotated, both open until the old one is ended; a third is not issued; the journal tells it', async () => {
    const second = await issued('scim rotate acme --overlap-days 3')
    expect([await opens(first), await opens(second)]).toEqual([true, true])
    const third = await at.run('scim rotate acme --secrets-out third.jsonl')
    expect([third.exit, third.stderr]).toEqual([7, expect.stringContaining('onboard scim revoke acme --old')])
    expect((await diagnose()).of('token')).toMatchObject([{ state: 'warn', next: 'onboard scim revoke acme --old' }])
    const ended = await at.json<{ outcome: string }>('scim-tokens', 'scim revoke acme --old')
    expect([ended.exit, ended.result.outcome]).toEqual([0, 'revoked'])
    expect([await opens(first), await opens(second)]).toEqual([false, true])
    expect(
      (await at.json<{ outcome: string; head: unknown }>('scim-tokens', 'scim revoke acme --old')).result,
    ).toMatchObject({ outcome: 'unchanged', head: null })
    const log = (await at.run('audit log acme')).stdout
    expect(log).toMatch(/rotated, scim_token/)
    expect(log).toMatch(/revoked/)
    expect(log + JSON.stringify(await at.sql('SELECT * FROM onboard.journal_detail'))).not.toContain(second)
  })

  test('the old one ends by itself when the overlap is over', async () => {
    const [before] = await at.sql<{ ends: string }>(`SELECT max(expires_at)::text AS ends FROM scim_tokens WHERE revoked_at IS NULL`)
    const next = await issued('scim rotate acme --overlap-days 3 --expires-days 20')
    const live = await at.sql<{ days: number }>(
      `SELECT round(extract(epoch FROM expires_at - onboard.now()) / 86400)::int AS days
         FROM scim_tokens WHERE revoked_at IS NULL ORDER BY created_at, expires_at`,
    )
    expect([before?.ends.slice(0, 10), live.map(({ days }) => days)]).toEqual(['2027-06-08', [3, 20]])
    await at.run('scim revoke acme --old')
    expect((await diagnose()).of('token')).toMatchObject([
      { state: 'warn', next: 'onboard scim rotate acme', message: expect.stringContaining('it ends in 20 days') },
    ])
    expect(await opens(next)).toBe(true)
  })

  test('a prefix that no live token has is said, with those that there are; all ended, nobody comes in', async () => {
    const unknown = await at.run('scim revoke acme --token onboard_scim_none')
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining('live: onboard_scim_')])
    expect((await at.run('scim revoke acme')).exit).toBe(2)
    expect((await at.run('scim revoke acme --all')).exit).toBe(0)
    const { exit, of } = await diagnose()
    expect([exit, of('token')[0]]).toMatchObject([6, { state: 'fail', next: 'onboard scim acme' }])
  })
})

describe('diagnose scim', () => {
  test('says what was refused, who waits, which group does not come, and what to do', async () => {
    const token = await issued('apply acme')
    await at.write('token.txt', token)
    const name = { givenName: 'A', familyName: 'B' }
    await send(token, 'POST', '/Users', { userName: 'ada@acme.example', name })
    await send(token, 'POST', '/Users', { userName: 'ADA@acme.example', name })
    await send(token, 'POST', '/Users', { userName: 'bo@acme.example', emails: [{ value: 'ada@acme.example', primary: true }] })
    await send(token, 'POST', '/Groups', { displayName: 'Acme-Admins' })
    await send(token, 'DELETE', '/Users/00000000-0000-4000-8000-000000000000')
    await expect.poll(() => at.sql(`SELECT FROM scim_log WHERE status IN (404, 409)`)).toHaveLength(3)
    const { exit, of } = await diagnose()
    expect(exit).toBe(6)
    const refused = of('refused').map(({ message }) => message)
    expect(refused).toEqual([
      expect.stringMatching(/^DELETE User was refused with 404.*restart its provisioning/),
      expect.stringMatching(/^POST User bo@acme.example was refused with 409 uniqueness, 2 times.*match that user/),
      expect.stringMatching(/^a request was refused with 401, once.*was revoked on 2026-11-20\. The directory must be given/),
    ])
    expect(of('waiting')).toMatchObject([{ state: 'fail', message: '1 user refused and not here: bo@acme.example' }])
    const message = 'has not sent Admins, which give a role; others that it sent: Acme-Admins'
    expect(of('groups')).toMatchObject([{ state: 'warn', message: expect.stringContaining(message) }])
    expect(of('users')[0]?.message).toContain('1 user from the directory')
    await at.sql(`UPDATE users SET role = 'manager'`)
    expect((await diagnose()).of('roles')).toMatchObject([{ state: 'fail', next: 'onboard plan acme' }])
    await at.run('apply acme')
    expect((await diagnose()).of('roles')).toMatchObject([{ state: 'ok' }])
  })

  test.each(['rfc', 'okta', 'entra'])('the tester passes as %s', async (dialect) => {
    const { result, exit } = await at.json<{ verdict: string; left: unknown[] }>(
      'scim-test', `scim test --url ${origin}/scim/v2/acme --token-file token.txt --dialect ${dialect}`,
    )
    expect([exit, result.verdict, result.left]).toEqual([0, 'pass', []])
    // What it provokes is nobody's trouble.
    await expect.poll(() => at.sql(`SELECT FROM scim_log WHERE agent = 'onboard-scim-test' AND status >= 400 LIMIT 1`)).toHaveLength(1)
    expect((await diagnose()).of('refused')).toHaveLength(3)
  })

  test('rolled back, directory sync is off, nobody has a token, and roles are those of before', async () => {
    const back = await at.run('rollback acme --to setup.token --confirm acme')
    expect(back, back.stderr + back.stdout).toMatchObject({ exit: 0 })
    expect(await at.sql(`SELECT settings #> '{enabled,scim}' AS on FROM tenants`)).toEqual([{ on: null }])
    expect(await at.sql('SELECT FROM scim_mappings')).toEqual([])
    expect(await at.sql(`SELECT FROM scim_tokens WHERE revoked_at IS NULL`)).toEqual([])
  })

  test('rolled back to before the tenant, it stays suspended, because what was done in it stays told', async () => {
    const back = await at.run('rollback acme --to setup.tenant --confirm acme')
    expect(back, back.stderr + back.stdout).toMatchObject({ exit: 0 })
    expect(await at.sql('SELECT status FROM tenants')).toEqual([{ status: 'suspended' }])
    expect((await at.sql(`SELECT FROM audit_events WHERE event = 'scim.user.created'`)).length).toBeGreaterThan(0)
  })
})
