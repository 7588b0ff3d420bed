/** An OpenID provider is handed in: what is tried before anything is kept, the secret, and what diagnose and doctor say. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type OpenIdProvider, startOpenIdProvider } from '../../src/cli/demo/openid-provider.ts'
import type { RunResult } from '../../src/engine/ports.ts'
import { clientSecretPlace } from '../../src/identity/oidc/secret.ts'
import { oidcUrls } from '../../src/identity/oidc/urls.ts'
import { createSeal } from '../../src/identity/seal.ts'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'
import { SAML } from '../actions/sso/support.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'

const PEOPLE = '  engineering: [{ name: Eva Weber, email: eva@vendor.example }]\n'
const step = (id: string, uses: string, more: string) => `  - { id: ${id}, title: ${id}, uses: ${uses}, with: { ${more} } }\n`
const PHASES = {
  provision: `apiVersion: onboard/v1\nphase: provision\ntitle: Provision\nowner: [engineering]\nsteps:\n${step('tenant', 'tenant.record', 'slug: "${{ onboarding.tenant_slug }}", name: "${{ onboarding.company }}", plan: enterprise')}`,
  sso: `apiVersion: onboard/v1\nphase: sso\ntitle: Single sign-on\nowner: [engineering]\nneeds: [provision]\nsteps:\n${step('idp_client', 'sso.details', 'protocol: oidc, from: [engineering]')}${step('client', 'oidc.connection', 'tenant: "${{ onboarding.tenant_slug }}", idp: "${{ steps.idp_client.outputs.idp }}"')}${step('claims', 'sso.mapping', 'tenant: "${{ onboarding.tenant_slug }}", mapping: "${{ steps.idp_client.outputs.mapping }}"')}`,
}
const SECRET = 'the-secret-of-the-client'
const key = randomBytes(32)
const callback = oidcUrls('https://app.vendor.example', 'acme', 'main').callback

let own: OwnWorkspace
let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startOpenIdProvider([])
  provider.register({ client_id: 'onboard', client_secret: SECRET, callback })
  own = await ownWorkspace({ roles: ['engineering', 'customer'], people: PEOPLE, phases: PHASES, now: '2026-12-01T09:00:00Z' })
  Object.assign(own.env, { ONBOARD_SEALING_KEY: key.toString('base64'), ONBOARD_ACTOR: 'Eva Weber <eva@vendor.example>' })
  await own.write('onboard.config.yaml', `apiVersion: onboard/v1\nvendor: { name: V, app_url: "https://app.vendor.example" }\ncapabilities: { sso: true }\nnetwork: { allow: [127.0.0.1] }\nroles:\n${PEOPLE}`)
  await own.write('acme.yaml', (await own.read('acme.yaml')).replace('provider: saml', 'provider: oidc'))
  await Promise.all([own.write('right.secret', `${SECRET}\n`), own.write('wrong.secret', 'another\n'), own.write('empty.secret', '\n')])
  expect((await own.run('trust --yes')).exit).toBe(0)
  expect(await own.run('handoff accept --file acme.yaml --runbook ours --accepted-by eva@vendor.example')).toMatchObject({ exit: 0 })
  expect((await own.run('apply acme --phase provision')).exit).toBe(0)
  return async () => {
    await provider.close()
    await own.remove()
  }
})

const outcomes = ({ steps }: RunResult): Record<string, string> => Object.fromEntries(steps.map(({ key: { step: id }, outcome }) => [id, outcome]))
const line = (more: string) => `sso acme --issuer ${provider.issuer} --client-id onboard ${more}`
const secretOf = async (): Promise<string> => {
  const [row] = await own.sql<{ id: string; tenant: string; client_secret: string }>('SELECT id::text, tenant_id::text AS tenant, client_secret FROM sso_connections')
  return createSeal(key).open(row?.client_secret ?? '', clientSecretPlace(row?.tenant ?? '', row?.id ?? '')).reveal()
}

describe('before anything is kept', () => {
  test.each([
    ['a secret that the provider does not take', () => line('--client-secret-file wrong.secret'), 6, 'wrong-client'],
    ['a client that it does not know', () => line('--client-secret-file right.secret').replace('--client-id onboard', '--client-id nobody'), 6, 'wrong-client'],
    ['a client without its secret', () => line('--public-client'), 6, 'wrong-client'],
    ['no secret', () => line(''), 2, 'secret-missing'],
    ['an empty secret', () => line('--client-secret-file empty.secret'), 3, 'no-secret'],
    ['an issuer that calls itself otherwise', () => line('--client-secret-file right.secret').replace(provider.issuer, `${provider.issuer}/`), 6, 'issuer-disagrees'],
    ['an issuer that does not answer', () => line('--client-secret-file right.secret').replace(provider.issuer, 'http://127.0.0.1:9'), 8, undefined],
    ['an issuer without TLS', () => line('--client-secret-file right.secret').replace(provider.issuer, 'http://login.acme.example'), 3, 'bad-issuer'],
    ['a private issuer', () => line('--client-secret-file right.secret').replace(provider.issuer, 'https://10.0.0.1'), 9, 'private-address'],
    ['a secret alone', () => 'sso acme --client-secret-file right.secret', 2, 'client-missing'],
  ])('%s', async (_what, typed, exit, code) => {
    const ran = await own.json<{ error: { code: string } }>('error', typed())
    expect([ran.exit, ...(code === undefined ? [] : [ran.result.error.code])]).toEqual([exit, ...(code === undefined ? [] : [code])])
    expect(await own.sql('SELECT 1 FROM sso_connections')).toEqual([])
    expect(JSON.stringify(ran.result)).not.toContain(SECRET)
  })
})

test('issuer, client and secret are kept, the secret sealed and shown nowhere; the same again changes nothing', async () => {
  const { exit, result } = await own.json<RunResult>('run', line('--scope groups --client-secret-file right.secret'))
  expect([exit, outcomes(result)]).toEqual([0, { idp_client: 'unchanged', client: 'changed', claims: 'changed' }])
  expect(await secretOf()).toBe(SECRET)
  const kept = await own.sql(`SELECT row_to_json(j)::text AS j FROM onboard.journal j UNION ALL SELECT row_to_json(d)::text FROM onboard.journal_detail d UNION ALL SELECT encode(bytes, 'escape') FROM onboard.evidence`)
  expect(JSON.stringify([kept, result])).not.toContain(SECRET)
  expect(JSON.stringify(kept)).toContain(provider.issuer)
  expect(await own.sql(`SELECT settings -> 'scopes' AS scopes FROM sso_connections`)).toEqual([{ scopes: ['openid', 'email', 'profile', 'groups'] }])
  const again = await own.json<RunResult>('run', line('--scope groups --client-secret-file right.secret'))
  expect([again.exit, outcomes(again.result)]).toEqual([0, { idp_client: 'unchanged', client: 'unchanged', claims: 'unchanged' }])
})

test('another secret is tried, and takes the place of the one before; without one, the one that there is stays', async () => {
  provider.register({ client_id: 'onboard', client_secret: 'the-next-secret', callback })
  await writeFile(join(own.cwd, 'next.secret'), 'the-next-secret')
  expect((await own.json('error', 'sso acme --client-secret-file right.secret')).exit).toBe(6)
  expect(outcomes((await own.json<RunResult>('run', 'sso acme --client-secret-file next.secret')).result)).toMatchObject({ client: 'changed' })
  expect(await secretOf()).toBe('the-next-secret')
  expect(outcomes((await own.json<RunResult>('run', line('--scope groups'))).result)).toMatchObject({ client: 'unchanged' })
  expect(await secretOf()).toBe('the-next-secret')
})

test('without a key to keep it under, nothing is kept', async () => {
  const env = { ...own.env }
  Object.assign(own.env, { ONBOARD_SEALING_KEY: 'short' })
  const { exit, result } = await own.json<RunResult>('run', 'sso acme --client-secret-file next.secret')
  expect([exit, result.steps.find(({ key: { step: id } }) => id === 'client')]).toMatchObject([3, { outcome: 'failed', reason: expect.stringContaining('has no key') }])
  Object.assign(own.env, env)
  expect(await secretOf()).toBe('the-next-secret')
})

describe('what is wrong is said in words', () => {
  const found = async (): Promise<Diagnosis['findings']> => (await own.json<Diagnosis>('diagnose', 'diagnose sso acme')).result.findings
  const refuse = (code: string, reason: string) => own.sql(`INSERT INTO sso_traces (tenant_id, connection_id, purpose, stage, accepted, code, reason) SELECT tenant_id, id, 'login', 'conditions', false, '${code}', '${reason}' FROM sso_connections WHERE name = 'main'`)

  test('diagnose sso: of OIDC', async () => {
    expect(await found()).toMatchObject([
      { name: 'connection', state: 'warn', next: 'onboard sso test acme' }, { name: 'addresses', state: 'ok', message: `the redirect URI is ${callback}` },
      { name: 'client secret', state: 'ok' }, { name: 'clocks', state: 'ok' }, { name: 'logins', state: 'warn' }, { name: 'refused', state: 'ok' },
    ])
    await refuse('code-refused', 'the redirect URI is another one')
    await refuse('expired', 'the ID token is too old')
    const now = await found()
    expect(now).toContainEqual(expect.objectContaining({ name: 'addresses', state: 'fail', message: expect.stringContaining('once the identity provider had another address') }))
    expect(now).toContainEqual(expect.objectContaining({ name: 'clocks', state: 'warn' }))
    expect(now).toContainEqual(expect.objectContaining({ name: 'refused: expired', message: expect.stringContaining('the ID token is too old') }))
  })

  test('diagnose sso and doctor: certificates and metadata that end, of SAML connections that are on', async () => {
    const settings = (more: object) => JSON.stringify({ ...SAML, sso: {}, slo: {}, clock_skew_s: 60, jit: true, ...more }).replaceAll("'", "''")
    const ends = (at: string) => ({ certificates: [{ ...SAML.certificates[0], not_after: at }] })
    const put = (more: object, enabled = true) => own.sql(`INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping) SELECT id, 'second', 'saml', ${enabled}, '${settings(more)}', '{}' FROM tenants
      ON CONFLICT (tenant_id, name) DO UPDATE SET enabled = excluded.enabled, settings = excluded.settings`)
    const doctor = async () => (await own.json<{ checks: { name: string; state: string; message: string; next: string[] }[] }>('doctor', 'doctor')).result.checks.find(({ name }) => name === 'certificates')
    await put(ends('2026-12-13T09:00:00Z'), false)
    expect(await doctor()).toMatchObject({ state: 'ok' })
    await put(ends('2026-12-13T09:00:00Z'))
    expect(await doctor()).toMatchObject({ state: 'warn', message: expect.stringContaining('of acme (second) ends in 12 days, on 2026-12-13'), next: ['onboard diagnose sso acme'] })
    expect(await found()).toContainEqual(expect.objectContaining({ name: 'second: certificates', state: 'warn', message: expect.stringContaining('ends in 12 days') }))
    await put(ends('2026-11-30T09:00:00Z'))
    expect(await found()).toContainEqual(expect.objectContaining({ name: 'second: certificates', state: 'fail', next: 'onboard sso acme --metadata FILE' }))
    await put({ certificates: [...ends('2026-12-13T09:00:00Z').certificates, ...SAML.certificates], valid_until: '2026-11-30T00:00:00Z' })
    expect(await found()).toContainEqual(expect.objectContaining({ name: 'second: certificates', state: 'ok' }))
    expect(await found()).toContainEqual(expect.objectContaining({ name: 'second: metadata', state: 'fail', message: expect.stringContaining('nobody gets in') }))
    await put({ metadata_at: '2026-05-01T00:00:00Z', metadata_url: 'https://idp.acme.example/metadata' })
    expect(await found()).toContainEqual(expect.objectContaining({ name: 'second: metadata', state: 'warn', next: 'onboard sso acme --metadata https://idp.acme.example/metadata' }))
  })
})
