/** From a customer's metadata file to a login in a browser, and back: the commands, the gateway and an identity provider. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type SamlProvider, startSamlProvider } from '../../src/cli/demo/saml-provider.ts'
import { Secret } from '../../src/contract.ts'
import type { RunResult } from '../../src/engine/ports.ts'
import { spUrls } from '../../src/identity/saml/urls.ts'
import { createSeal } from '../../src/identity/seal.ts'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'
import { packageRoot } from '../../src/package.ts'
import { hashPassword } from '../../src/product/password.ts'
import { chromiumWindows, noChromium, type Window } from '../support/chromium.ts'
import { gatewayOf, type OwnGateway } from '../support/gateway-of.ts'
import type { OwnWorkspace } from '../support/own-runbook.ts'
import { ssoWorkspace, takeOver } from '../support/sso-workspace.ts'

const NOW = '2026-11-20T09:00:00Z'
const person = (name: string, groups: readonly string[]) => (
  { id: `id-of-${name}`, email: `${name}@acme.example`, password: `password of ${name}`, name, claims: { groups } }
)
const OWN_PASSWORD = 'a password of 2026 for Tom'

let own: OwnWorkspace
let gateway: OwnGateway
let origin: string
let provider: SamlProvider
const key = randomBytes(32)
const windows = noChromium === null ? chromiumWindows() : null

beforeAll(async () => {
  own = await ssoWorkspace(NOW)
  gateway = await gatewayOf(own.env, { seal: createSeal(key) })
  origin = gateway.origin
  provider = await startSamlProvider(
    [person('tom', ['admins']), person('sue', []), person('eve', [])], { now: () => Date.parse(NOW) },
  )
  await own.write('metadata.xml', provider.metadata())
  await takeOver(own, origin, key)
  return async () => {
    await Promise.all([gateway.close(), provider.close()])
    await own.remove()
  }
})

const outcomes = ({ steps }: RunResult): Record<string, string> => Object.fromEntries(steps.map(({ key: { step }, outcome }) => [step, outcome]))
/** The metadata of several providers in one file, as federations have it. */
const entities = (...all: readonly string[]): string =>
  `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${all.join('')}</md:EntitiesDescriptor>`
const connections = () => own.sql<{ enabled: boolean; protocol: string }>('SELECT enabled, protocol FROM sso_connections')

interface Refusal { readonly error: { readonly code: string; readonly suggestions: readonly string[] } }
const typed = (line: string | undefined): boolean => /^(npx )?onboard [a-z]/.test(line ?? '')

describe('what is given is judged before anything is changed', () => {
  test('of several it is said what to type for each, and no name of theirs is more than a word of it', async () => {
    const own_id = /entityID="([^"]*)"/.exec(provider.metadata())?.[1] ?? ''
    const other = provider.metadata().replace(/entityID="[^"]*"/, 'entityID="https://other.example;$(reboot)"')
    await own.write('bad.xml', entities(provider.metadata(), other))
    const { result } = await own.json<Refusal>('error', 'sso acme --metadata bad.xml')
    expect(result.error.suggestions.map((one) => one.replace(/^npx /, ''))).toEqual([
      `onboard sso acme --metadata bad.xml --entity-id ${own_id}`, "onboard sso acme --metadata bad.xml --entity-id 'https://other.example;$(reboot)'",
    ])
  })

  const changed = (text: string, from: string | RegExp, to: string): string => {
    const other = text.replace(from, to)
    expect(other).not.toBe(text)
    return other
  }
  test.each([
    ['a web page', () => '<!doctype html><html></html>', 3, 'metadata-html'],
    ['nothing', () => '', 3, 'metadata-empty'],
    [
      'one without a certificate', (xml: string) => changed(xml, /<md:KeyDescriptor.*?<\/md:KeyDescriptor>/s, ''), 3,
      'metadata-no-certificate',
    ],
    [
      'one over plain HTTP',
      (xml: string) => changed(xml, /http:\/\/127\.0\.0\.1:\d+\/sso/, 'http://idp.acme.example/sso'), 3,
      'metadata-plain-http',
    ],
    [
      'one that has expired',
      (xml: string) => changed(xml, '<md:EntityDescriptor ', '<md:EntityDescriptor validUntil="2026-11-19T00:00:00Z" '),
      3, 'metadata-expired',
    ],
    ['a federation', () => ' '.repeat(5 * 1024 * 1024 + 1), 3, 'metadata-too-large'],
    [
      'several', (xml: string) => entities(xml, changed(xml, /entityID="[^"]*"/, 'entityID="https://other.example"')),
      3, 'metadata-several',
    ],
  ])('metadata: %s', async (_what, text, exit, code) => {
    await own.write('bad.xml', text(provider.metadata()))
    const ran = await own.json<Refusal>('error', 'sso acme --metadata bad.xml')
    expect([ran.exit, ran.result.error.code]).toEqual([exit, code])
    expect(ran.result.error.suggestions.map(typed), 'what to type').toContain(true)
    expect(await connections()).toEqual([])
  })

  test.each([
    ['a file that is not there', '--metadata nothing.xml', 3, 'no-such-file'],
    ['an address without TLS', '--metadata http://idp.acme.example/metadata', 3, 'metadata-plain-http'],
    ['a private address', '--metadata https://10.0.0.1/metadata', 9, 'private-address'],
    ['an address where nobody is', '--metadata https://nobody.invalid/metadata', 8, 'no-such-host'],
    ['an address that answers otherwise', '--metadata ORIGIN/nothing', 6, 'metadata-status'],
    ['an address that leads elsewhere', '--metadata ORIGIN/t/acme/', 6, 'metadata-redirects'],
    ['the other protocol', '--issuer https://login.acme.example --client-id x --public-client', 3, 'other-protocol'],
    ['somebody who may not', '--metadata metadata.xml --signer cto@acme.example', 9, 'unknown-signer'],
    ['a mapping without e-mail', '--metadata metadata.xml --mapping mapping.yaml', 3, 'data-invalid'],
    ['a sample of which nobody could be made', '--metadata metadata.xml --sample sample.yaml', 6, 'no-email'],
    ['a mapping alone', '--mapping good.yaml', 2, 'nothing-to-add-to'],
    ['what is agreed, alone', '--no-jit', 2, 'nothing-to-add-to'],
    ['a skew of an hour', '--metadata metadata.xml --clock-skew 60m', 2, 'bad-skew'],
    ['a skew that is no time', '--metadata metadata.xml --clock-skew long', 2, 'bad-skew'],
  ])('%s', async (_what, flags, exit, code) => {
    await own.write('mapping.yaml', 'name: [name]\nrole_default: member\n')
    await own.write('good.yaml', 'email: [email]\nname: [name]\nrole_default: member\n')
    await own.write('sample.yaml', 'name: Sue\n')
    const ran = await own.json<Refusal>('error', `sso acme ${flags.replace('ORIGIN', origin)}`)
    expect([ran.exit, ran.result.error.code]).toEqual([exit, code])
    expect(ran.result.error.suggestions.map(typed), 'what to type').toContain(true)
    expect(await connections()).toEqual([])
  })

  test('there is nothing to try, and diagnose says what to type', async () => {
    expect(await own.json('error', 'sso test acme')).toMatchObject({ exit: 2, result: { error: { code: 'no-connection' } } })
    const { result } = await own.json<Diagnosis>('diagnose', 'diagnose sso acme')
    expect(result.findings).toMatchObject([{ name: 'connection', state: 'warn', next: 'onboard sso acme --metadata FILE' }])
  })
})

/** `onboard sso test` as a process of its own: its link, and what it printed once it has ended. */
async function trying(): Promise<{
  url: string
  ended: Promise<{ exit: number | null; result: Record<string, unknown> }>
}> {
  const started = spawn(
    process.execPath, [join(packageRoot, 'bin/run.js'), 'sso', 'test', 'acme', '--timeout', '20', '--json'],
    { cwd: own.cwd, env: { PATH: process.env['PATH'], ...own.env } },
  )
  let printed = ''
  started.stdout.on('data', (text: Buffer) => (printed += text.toString()))
  const ended = new Promise<number | null>((resolve) => started.once('exit', resolve)).then((exit) => ({
    exit, result: JSON.parse(printed) as Record<string, unknown>,
  }))
  const url = await new Promise<string>((resolve) => {
    let said = ''
    started.stderr.on('data', (text: Buffer) => {
      said += text.toString()
      const [found] = /http:\S+test=[\w-]+/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  return { url, ended }
}

/** Somebody types their password at the identity provider, and comes back. */
async function signIn({ page }: Window, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('E-mail').fill(`${name}@acme.example`)
  await page.getByLabel('Password').fill(`password of ${name}`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

describe.skipIf(windows === null)('from metadata to a login, and back', () => {
  const login = () => spUrls(origin, 'acme', 'main').login
  let window: Window
  beforeAll(async () => {
    const [tenant] = await own.sql<{ id: string }>('SELECT id::text FROM tenants')
    await gateway.pool.query(
      `INSERT INTO users (tenant_id, email, full_name, role, password_hash)
       VALUES ($1, 'tom@acme.example', 'Tom Braun', 'admin', $2), ($1, 'uta@acme.example', 'Uta Kern', 'admin', $2)`,
      [tenant?.id, await hashPassword(new Secret(OWN_PASSWORD), 4)],
    )
    window = await (windows as NonNullable<typeof windows>).open()
  })

  test('the file is read, the connection is set up and stays off; the same again changes nothing', async () => {
    await own.write('mapping.yaml', 'email: [email]\nname: [name]\nrole: [groups]\nroles: [{ value: admins, role: admin }]\nrole_default: member\n')
    await own.write('sample.yaml', 'email: sue@acme.example\nname: Sue\ngroups: [staff]\n')
    const first = await own.json<RunResult>('run', 'sso acme --metadata metadata.xml --mapping mapping.yaml --sample sample.yaml')
    expect(first.exit).toBe(5)
    expect(outcomes(first.result)).toMatchObject({
      our_key: 'unchanged', idp_metadata: 'unchanged', connection: 'changed', attributes: 'changed',
      their_side: 'waiting', first_time_login: 'blocked', enabled: 'blocked',
    })
    expect(await connections()).toEqual([{ enabled: false, protocol: 'saml' }])
    const before = await own.sql('SELECT settings, updated_at FROM sso_connections')
    const again = await own.json<RunResult>('run', 'sso acme --metadata metadata.xml --mapping mapping.yaml --sample sample.yaml')
    expect(Object.values(outcomes(again.result))).not.toContain('changed')
    expect(await own.sql('SELECT settings, updated_at FROM sso_connections')).toEqual(before)
    expect((await own.run('document show acme sso-sheet')).stdout).toContain(`${origin}/sso/acme/main/acs`)
  })

  test('what is agreed is journaled, changes the connection, and said again changes nothing', async () => {
    type Row = { settings: { idp_initiated: boolean; clock_skew_s: number; jit: boolean } }
    const settings = async () => (await own.sql<Row>('SELECT settings FROM sso_connections'))[0]?.settings
    const last = async () => {
      const [row] = await own.sql<{ seq: string; value: { values?: object } | null }>(
        `SELECT j.seq::text AS seq, d.value::jsonb AS value FROM onboard.journal j
           JOIN onboard.journal_detail d ON d.chain = j.chain AND d.seq = j.seq AND d.name = 'answer'
          WHERE j.kind = 'signed' AND j.step = 'idp_metadata' ORDER BY j.seq DESC LIMIT 1`,
      )
      return row
    }
    expect(await settings()).toMatchObject({ idp_initiated: false, clock_skew_s: 60, jit: true })
    expect(
      outcomes((await own.json<RunResult>('run', 'sso acme --clock-skew 2m --idp-initiated')).result),
    ).toMatchObject({ connection: 'changed', attributes: 'unchanged' })
    expect(await settings()).toMatchObject({ idp_initiated: true, clock_skew_s: 120, jit: true })
    expect(outcomes((await own.json<RunResult>('run', 'sso acme --no-jit --metadata metadata.xml')).result)).toMatchObject({ connection: 'changed' })
    expect(await settings(), 'what was not said again stays').toMatchObject({ idp_initiated: true, clock_skew_s: 120, jit: false })
    const before = await last()
    expect(before?.value?.values).toMatchObject({ agreed: { idp_initiated: true, clock_skew_s: 120, jit: false } })
    expect(Object.values(outcomes((await own.json<RunResult>('run', 'sso acme --no-jit --clock-skew 120s')).result))).not.toContain('changed')
    expect(await last()).toEqual(before)
    expect(outcomes((await own.json<RunResult>('run', 'sso acme --no-idp-initiated --clock-skew 60s --jit')).result)).toMatchObject({ connection: 'changed' })
    expect(await settings()).toMatchObject({ idp_initiated: false, clock_skew_s: 60, jit: true })
  })

  test('metadata of another provider does not take its place unasked', async () => {
    await own.write('other.xml', provider.metadata().replaceAll(/entityID="[^"]*"/g, 'entityID="https://other.example"'))
    expect(await own.json('error', 'sso acme --metadata other.xml')).toMatchObject({ exit: 3, result: { error: { code: 'metadata-other-entity' } } })
  })

  test('it is not switched on before somebody has tried it; what was refused is said in words', async () => {
    for (const step of ['sso.test_user', 'sso.their_side']) expect((await own.run(`sign acme ${step} --on-behalf-of tom@acme.example`)).exit).toBe(0)
    expect(outcomes((await own.json<RunResult>('run', 'sso acme')).result)).toMatchObject({ test_login: 'blocked', enabled: 'blocked' })
    const [{ certificate } = { certificate: '' }] = await own.sql<{ certificate: string }>('SELECT certificate FROM sso_keys')
    provider.register({ ...spUrls(origin, 'acme', 'main'), certificates: [certificate] })
    // Eve is known to us, and deactivated.
    await gateway.pool.query(`INSERT INTO users (tenant_id, email, full_name, active) SELECT id, 'eve@acme.example', 'Eve', false FROM tenants`)
    const { url, ended } = await trying()
    const eve = await (windows as NonNullable<typeof windows>).open()
    await signIn(eve, url, 'eve')
    expect(await ended).toMatchObject({ exit: 6, result: { outcome: 'refused', refused: { code: 'deactivated' } } })
    expect(outcomes((await own.json<RunResult>('run', 'sso acme')).result)).toMatchObject({ test_login: 'failed' })
    const { result } = await own.json<Diagnosis>('diagnose', 'diagnose sso acme')
    expect(result.findings).toContainEqual(
      expect.objectContaining({
        name: 'refused: deactivated',
        state: 'warn',
        message: expect.stringContaining('eve@acme.example is deactivated'),
      }),
    )
  })

  test('a test login shows what was mapped, opens nothing, and lets it be switched on', async () => {
    const { url, ended } = await trying()
    await signIn(window, url, 'sue')
    expect(await window.page.getByRole('heading', { name: 'The test login succeeded' }).isVisible()).toBe(true)
    expect(await ended).toMatchObject({
      exit: 0,
      result: {
        outcome: 'accepted',
        mapped: { email: 'sue@acme.example', name: 'sue', role: 'member', account: 'created' },
        attributes: { email: ['sue@acme.example'] },
      },
    })
    expect(
      await own.sql(`SELECT 1 AS one FROM sessions UNION ALL SELECT 1 FROM users WHERE email = 'sue@acme.example'`),
    ).toEqual([])
    expect(outcomes((await own.json<RunResult>('run', 'sso acme')).result)).toMatchObject({
      test_login: 'changed', first_time_login: 'changed', enabled: 'changed', sign_out: 'blocked', passwords: 'waiting',
    })
    expect(await connections()).toEqual([{ enabled: true, protocol: 'saml' }])
  })

  test('an administrator signs in and out; then passwords may go, but for emergencies', async () => {
    expect((await own.run('sign acme sso.passwords --on-behalf-of tom@acme.example --set passwords=go --set emergency=uta@acme.example')).exit).toBe(0)
    expect(outcomes((await own.json<RunResult>('run', 'sso acme')).result)).toMatchObject({ passwords_off: 'blocked' })
    await signIn(window, login(), 'tom')
    await window.page.waitForURL(`${origin}/t/acme/`)
    expect(await window.page.content()).toContain('Tom Braun')
    await window.page.getByRole('button', { name: /sign out/i }).click()
    expect(await own.sql('SELECT method, ended_why FROM sessions')).toEqual([{ method: 'saml', ended_why: 'logout' }])
    expect(outcomes((await own.json<RunResult>('run', 'sso acme')).result)).toMatchObject({ sign_out: 'changed', passwords_off: 'changed' })
    expect(await own.sql(`SELECT settings #> '{enabled}' AS enabled FROM tenants`)).toEqual([{ enabled: { sso: true, password: false } }])
    expect(await byPassword('tom')).toBe(false)
    expect(await byPassword('uta')).toBe(true)
    expect((await own.json<Diagnosis>('diagnose', 'diagnose sso acme')).result.findings).toContainEqual(
      expect.objectContaining({ name: 'connection', state: 'ok' }),
    )
  })

  test('our own key is changed: published first, signing once it is known', async () => {
    const certificates = async () => {
      const ours = await (await fetch(spUrls(origin, 'acme', 'main').metadata)).text()
      return [...ours.matchAll(/use="signing".*?<ds:X509Certificate>([^<]+)/g)].map(([, one]) => one)
    }
    const [before] = await certificates()
    expect(await own.json('error', 'sso rotate acme --finish')).toMatchObject({ exit: 5, result: { error: { code: 'no-next-key' } } })
    expect(await own.json('sso-rotate', 'sso rotate acme')).toMatchObject({ exit: 0, result: { outcome: 'published' } })
    expect(await own.json('sso-rotate', 'sso rotate acme')).toMatchObject({ exit: 0, result: { outcome: 'unchanged' } })
    const both = await certificates()
    expect([both.length, both[0]]).toEqual([2, before])
    expect(outcomes((await own.json<RunResult>('run', 'sso acme')).result)).toMatchObject({ our_key: 'unchanged', sheet: 'unchanged' })
    expect(await own.json('sso-rotate', 'sso rotate acme --finish')).toMatchObject({ result: { outcome: 'finished' } })
    expect(await certificates()).toEqual([both[1]])
    expect(outcomes((await own.json<RunResult>('run', 'sso acme')).result)).toMatchObject({ our_key: 'unchanged', sheet: 'changed' })
  })

  test('taken back, passwords work again and the connection lets nobody in; it comes on again only once it was tried again', async () => {
    expect((await own.run('rollback acme --to sso.enabled --confirm acme')).exit).toBe(0)
    expect(await connections()).toEqual([{ enabled: false, protocol: 'saml' }])
    expect(await byPassword('tom')).toBe(true)
    expect((await fetch(login(), { redirect: 'manual' })).status).toBe(404)
    expect((await own.run('rollback acme --to sso --confirm acme')).exit).toBe(0)
    expect(await connections()).toEqual([])
    expect(await byPassword('tom')).toBe(true)
  })

  /** Whether their password opens the tenant, in a browser of their own. */
  async function byPassword(name: string): Promise<boolean> {
    const { page, context } = await (windows as NonNullable<typeof windows>).open()
    await page.goto(`${origin}/t/acme/login?emergency=1`)
    await page.getByLabel(/e-mail/i).fill(`${name}@acme.example`)
    await page.getByLabel('Password', { exact: true }).fill(OWN_PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForLoadState()
    const isIn = page.url() === `${origin}/t/acme/`
    await context.close()
    return isIn
  }
})
