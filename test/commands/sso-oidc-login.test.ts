/** From an issuer to a login, and back: the commands, the gateway, and a provider that says what it is told to. */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createHttp } from '../../src/adapters/http.ts'
import { type CookieBrowser, cookieBrowser } from '../../src/cli/demo/browser.ts'
import type { RunResult } from '../../src/engine/ports.ts'
import { connectionOf } from '../../src/identity/login/connections.ts'
import { newTestLink } from '../../src/identity/login/test-link.ts'
import { createSeal } from '../../src/identity/seal.ts'
import { tablesOf } from '../../src/identity/sql.ts'
import { gatewayOf, type OwnGateway } from '../support/gateway-of.ts'
import type { OwnWorkspace } from '../support/own-runbook.ts'
import { scriptedProvider, type ScriptedProvider } from '../support/scripted-openid.ts'
import { ssoWorkspace, takeOver } from '../support/sso-workspace.ts'

const NOW = '2026-11-20T09:00:00Z'
const SECRET = 'open sesame: 2026'
const tables = tablesOf('public')

let own: OwnWorkspace
let gateway: OwnGateway
let origin: string
let provider: ScriptedProvider
/** The secret that the provider has for us, and whether it is there at all. */
let registered = SECRET

beforeAll(async () => {
  own = await ssoWorkspace(NOW)
  const key = randomBytes(32)
  const { http, close } = createHttp({ allow: ['127.0.0.1'], env: {} })
  gateway = await gatewayOf(own.env, { fetch: http, seal: createSeal(key) })
  origin = gateway.origin
  provider = await scriptedProvider()
  await own.write(
    'acme.yaml', (await own.read('acme.yaml')).replace('provider: saml, idp: okta', 'provider: oidc, idp: keycloak'),
  )
  await own.write('secret', `${SECRET}\n`)
  await own.write('other.secret', 'another one\n')
  await takeOver(own, origin, key)
  provider.script.token = knows
  return async () => {
    await Promise.all([gateway.close(), provider.close(), close()])
    await own.remove()
  }
})

/** As a provider answers a code that it did not issue: what it thinks of the client first. */
function knows(form: URLSearchParams): { status: number; body: unknown } {
  const isKnown = form.get('client_id') === 'onboard' && form.get('client_secret') === registered
  return isKnown ? { status: 400, body: { error: 'invalid_grant' } } : {
    status: 401, body: { error: 'invalid_client' },
  }
}

const outcomes = ({ steps }: RunResult) => Object.fromEntries(
  steps.map(({ key: { step }, outcome }) => [step, outcome]),
)
const connections = () => own.sql<{ enabled: boolean; sealed: boolean }>(
  'SELECT enabled, has_client_secret AS sealed FROM sso_connections',
)
const given = (more = '--client-secret-file secret', issuer = provider.issuer) =>
  `sso acme --issuer ${issuer} --client-id onboard ${more}`

describe('what is given is judged before anything is changed', () => {
  const html = { headers: { 'content-type': 'text/html' }, body: '<html></html>' }
  const says = (configuration: Record<string, unknown>) => () => void (provider.script.configuration = configuration)
  test.each<[string, string, string, number, string, (() => void) | null]>([
    ['no issuer', 'login', 'secret', 3, 'bad-issuer', null],
    ['a secret that is a file of something else', 'ISSUER', 'acme.yaml', 3, 'no-secret', null],
    ['nobody there', 'https://nobody.invalid', 'secret', 8, 'no-such-host', null],
    ['a path where no provider is', 'ISSUER/realm', 'secret', 6, 'no-discovery', null],
    ['a web page', 'ISSUER', 'secret', 6, 'discovery-no-json', () => void (provider.script.wellKnown = html)],
    [
      'a provider that signs with the secret', 'ISSUER', 'secret', 6, 'no-signature',
      says({ id_token_signing_alg_values_supported: ['HS256'] }),
    ],
  ])('%s', async (_what, issuer, secret, exit, code, change) => {
    change?.()
    const ran = await own.json<{ error: { code: string } }>(
      'error', given(`--client-secret-file ${secret}`, issuer.replace('ISSUER', provider.issuer)),
    )
    provider.reset()
    provider.script.token = knows
    expect([ran.exit, ran.result.error.code]).toEqual([exit, code])
    expect(await connections()).toEqual([])
    expect(await own.sql('SELECT 1 FROM sso_requests')).toEqual([])
  })
})

/** Signs in at the provider as an administrator. Gives where the browser ended. */
async function signIn(browser: CookieBrowser, url: string) {
  const begun = await browser.send(url)
  const to = new URL(begun.headers.get('location') ?? url)
  const now = Date.parse(NOW) / 1000
  const claims = {
    iss: provider.issuer, aud: 'onboard', sub: 'tom-1', nonce: to.searchParams.get('nonce'), iat: now, exp: now + 300,
    email: 'tom@acme.example', email_verified: true, name: 'Tom Braun',
  }
  const id_token = await provider.sign(claims)
  provider.script.token = (form) => form.get('client_secret') === registered
    ? { body: { access_token: 'a', token_type: 'Bearer', id_token } }
    : knows(form)
  const query = new URLSearchParams({ code: 'c', state: to.searchParams.get('state') ?? '' })
  const back = await browser.open(`${origin}/sso/acme/main/callback?${query.toString()}`)
  provider.script.token = knows
  return back
}

describe('from an issuer to a login, and back', () => {
  test('the connection is set up and stays off; the secret is in no plan, journal, output or evidence', async () => {
    const first = await own.json<RunResult>('run', given())
    expect(first.exit).toBe(5)
    expect(outcomes(first.result)).toMatchObject({
      idp_client: 'unchanged', client: 'changed', claims: 'changed', their_side: 'waiting', enabled: 'blocked',
    })
    expect(await connections()).toEqual([{ enabled: false, sealed: true }])
    expect((await own.run('document show acme sso-sheet')).stdout).toContain(`${origin}/sso/acme/main/callback`)
    const kept = await own.sql(
      `SELECT j.body::text, d.value::text FROM onboard.journal j LEFT JOIN onboard.journal_detail d USING (chain, seq)`,
    )
    const evidence = await own.sql<{ text: string }>(`SELECT convert_from(bytes, 'UTF8') AS text FROM onboard.evidence`)
    for (const text of [
      JSON.stringify(first), JSON.stringify(kept), JSON.stringify(evidence),
    ]) expect(text).not.toContain('sesame')
    const again = await own.json<RunResult>('run', given())
    expect(Object.values(outcomes(again.result))).not.toContain('changed')
  })

  test('tried by a link and switched on, it lets an administrator in', async () => {
    for (const step of ['sso.test_user', 'sso.their_side']) expect(
      (await own.run(`sign acme ${step} --on-behalf-of tom@acme.example`)).exit,
    ).toBe(0)
    const connection = await connectionOf(gateway.pool.query, tables, 'acme', 'main')
    if (connection === undefined) throw new Error('no connection')
    const { token } = await newTestLink(gateway.pool.query, tables, connection, 600)
    expect(
      (await signIn(cookieBrowser(), `${origin}/sso/acme/main/login?test=${token.reveal()}`)).text,
    ).toContain('The test login succeeded')
    expect(
      outcomes((await own.json<RunResult>('run', 'sso acme')).result),
    ).toMatchObject({ test_login: 'changed', enabled: 'changed' })
    await gateway.pool.query(
      `INSERT INTO users (tenant_id, email, full_name, role)
       SELECT id, 'tom@acme.example', 'Tom Braun', 'admin' FROM tenants`,
    )
    expect(
      await signIn(cookieBrowser(), `${origin}/sso/acme/main/login`),
    ).toMatchObject({ status: 200, url: `${origin}/t/acme/` })
  })

  test('a secret that the provider has replaced is said, and given anew by itself', async () => {
    registered = 'another one'
    expect(await signIn(cookieBrowser(), `${origin}/sso/acme/main/login`)).toMatchObject({ status: 403 })
    expect((await own.run('diagnose sso acme')).stdout).toContain('wrong-client-secret')
    const ran = await own.json<RunResult>('run', 'sso acme --client-secret-file other.secret')
    expect(outcomes(ran.result)).toMatchObject({ client: 'changed' })
    expect(
      await signIn(cookieBrowser(), `${origin}/sso/acme/main/login`),
    ).toMatchObject({ status: 200, url: `${origin}/t/acme/` })
  })

  test('taken back, nothing of it is there, and nobody comes in by it', async () => {
    expect(await own.run('rollback acme --to sso --confirm acme')).toMatchObject({ exit: 0 })
    expect(await connections()).toEqual([])
    expect(await own.sql('SELECT 1 FROM sessions WHERE ended_at IS NULL')).toEqual([])
    expect((await fetch(`${origin}/sso/acme/main/login`, { redirect: 'manual' })).status).toBe(404)
  })
})
