import { createHash, createPublicKey } from 'node:crypto'
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cookieBrowser, type CookieBrowser } from '../../src/cli/demo/browser.ts'
import { connectionOf } from '../../src/identity/login/connections.ts'
import { begin as beginRequest } from '../../src/identity/login/requests.ts'
import type { Connection } from '../../src/identity/login/types.ts'
import { tablesOf } from '../../src/identity/sql.ts'
import { newKey, scriptedProvider, type ScriptedProvider } from '../support/scripted-openid.ts'
import { MAPPING, type OidcGateway, oidcGateway } from './oidc-support.ts'

let gateway: OidcGateway
let provider: ScriptedProvider
let connection: string

beforeAll(async () => {
  gateway = await oidcGateway()
  provider = await scriptedProvider()
  connection = await gateway.connection('acme', 'corp', { issuer: provider.issuer })
})
beforeEach(() => provider.reset())
afterAll(() => provider.close())

const now = (): number => Math.floor(Date.now() / 1000)

/** What a provider would say of somebody of whom nothing is wrong. */
const claimsFor = (nonce: string): JWTPayload => ({
  iss: provider.issuer, aud: 'crm', sub: 'ada-1', nonce, iat: now(), exp: now() + 300,
  email: 'ada@acme.example', email_verified: true, name: 'Ada Byron', roles: ['crm-admins'],
})

interface Begun {
  readonly browser: CookieBrowser
  readonly state: string
  readonly nonce: string
  /** Where the browser was sent. */
  readonly to: URL
}

async function begin(browser = cookieBrowser(), at = 'acme/corp'): Promise<Begun> {
  const answer = await browser.send(`${gateway.origin}/sso/${at}/login`)
  expect(answer.status, await answer.text()).toBe(303)
  const to = new URL(answer.headers.get('location') ?? '')
  return { browser, state: to.searchParams.get('state') ?? '', nonce: to.searchParams.get('nonce') ?? '', to }
}

type Token = (nonce: string) => string | Promise<string>
const signed = (change: JWTPayload = {}): Token => (nonce) => provider.sign(without({ ...claimsFor(nonce), ...change }))
const without = (claims: JWTPayload): JWTPayload => Object.fromEntries(
  Object.entries(claims).filter(([, value]) => value !== undefined),
)

/** The provider gives this token for a code, and the browser comes back with the code. */
async function comeBack(
  { browser, state, nonce }: Begun, token: Token = signed(), answer: Record<string, string | null> = {},
  at = 'acme/corp',
) {
  provider.script.token = async () => ({
    body: { access_token: 'access', token_type: 'Bearer', id_token: await token(nonce) },
  })
  const query = Object.entries({ code: 'code', state, ...answer }).filter(
    (one): one is [string, string] => one[1] !== null,
  )
  const back = await browser.send(`${gateway.origin}/sso/${at}/callback?${new URLSearchParams(query).toString()}`)
  return { status: back.status, location: back.headers.get('location'), text: await back.text() }
}

/** Nobody came in; the trace says why, the page does not. */
async function refused(
  back: { readonly status: number; readonly text: string }, code: string, stage: string,
): Promise<void> {
  expect(await gateway.trace(connection)).toMatchObject({ accepted: false, code, stage })
  expect(back.status).toBeGreaterThanOrEqual(400)
  expect(back.text).toContain('You could not be signed in')
  expect(back.text).not.toContain(code)
  expect(await gateway.sessions(connection)).toBe(0)
}

describe('what the provider is asked', () => {
  it('asks for a code with PKCE by S256, state and nonce, at the pinned address', async () => {
    const { to, browser } = await begin()
    expect(to.origin + to.pathname).toBe(`${provider.issuer}/authorize`)
    expect(Object.fromEntries(to.searchParams)).toEqual({
      client_id: 'crm', response_type: 'code', redirect_uri: `${gateway.origin}/sso/acme/corp/callback`, scope: 'openid email profile',
      state: expect.stringMatching(/^_[0-9a-f]{40}$/), nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/), code_challenge_method: 'S256',
    })
    const again = (await begin(browser)).to
    for (const name of ['state', 'nonce', 'code_challenge']) expect(
      again.searchParams.get(name),
    ).not.toBe(to.searchParams.get(name))
  })

  it('redeems the code with the verifier, the same address and the client secret', async () => {
    const begun = await begin()
    let form = new URLSearchParams()
    let proof: unknown
    provider.script.token = (given, headers) => {
      form = given
      proof = headers['authorization']
      return { status: 400, body: { error: 'invalid_grant' } }
    }
    await begun.browser.send(`${gateway.origin}/sso/acme/corp/callback?code=abc&state=${begun.state}`)
    expect(Object.fromEntries(form)).toMatchObject(
      {
        grant_type: 'authorization_code', code: 'abc', redirect_uri: `${gateway.origin}/sso/acme/corp/callback`,
        code_verifier: expect.stringMatching(/^[\w-]{43}$/),
      },
    )
    expect(Object.fromEntries(form)).toMatchObject({ client_id: 'crm', client_secret: 'client-secret' })
    expect(proof).toBeUndefined()
  })

  it('proves itself in the other way where the provider does not take the client in the first', async () => {
    const begun = await begin()
    const ways: string[] = []
    const id_token = await signed()(begun.nonce)
    provider.script.token = (form, headers) => {
      const isInBody = form.has('client_secret')
      ways.push(isInBody ? 'body' : String(headers['authorization']).split(' ')[0] ?? '')
      return isInBody ? { status: 401, body: { error: 'invalid_client' } } : {
        body: { access_token: 'a', token_type: 'Bearer', id_token },
      }
    }
    const back = await begun.browser.send(`${gateway.origin}/sso/acme/corp/callback?code=abc&state=${begun.state}`)
    expect(back.status).toBe(303)
    expect(ways).toEqual(['body', 'Basic'])
    await gateway.query('DELETE FROM sessions')
  })

  it('sends the client secret in a header where the provider does not read it in the body', async () => {
    const plain = await scriptedProvider()
    plain.script.configuration = { token_endpoint_auth_methods_supported: undefined }
    await gateway.connection('acme', 'basic', { issuer: plain.issuer, secret: 'a:b c' })
    const begun = await begin(cookieBrowser(), 'acme/basic')
    let proof = ''
    plain.script.token = (_form, headers) => {
      proof = String(headers['authorization'])
      return { status: 400, body: { error: 'invalid_grant' } }
    }
    await begun.browser.send(`${gateway.origin}/sso/acme/basic/callback?code=abc&state=${begun.state}`)
    expect(Buffer.from(proof.replace('Basic ', ''), 'base64').toString()).toBe('crm:a%3Ab+c')
    await plain.close()
  })
})

describe('an ID token of which something is wrong lets nobody in', () => {
  const hour = 3600
  const cases: readonly (readonly [name: string, code: string, stage: string, token: () => Token])[] = [
    ['the nonce of another login', 'wrong-nonce', 'replay', () => signed({ nonce: 'another' })],
    ['no nonce', 'wrong-nonce', 'replay', () => signed({ nonce: undefined } as never)],
    ['another issuer', 'wrong-issuer', 'conditions', () => signed({ iss: 'https://evil.example' })],
    ['another audience', 'wrong-audience', 'conditions', () => signed({ aud: 'another-client' })],
    [
      'several audiences and no authorized party', 'wrong-audience', 'conditions',
      () => signed({ aud: ['crm', 'another'] }),
    ],
    [
      'several audiences and another authorized party', 'wrong-party', 'conditions',
      () => signed({ aud: ['crm', 'another'], azp: 'another' }),
    ],
    ['one audience and another authorized party', 'wrong-party', 'conditions', () => signed({ azp: 'another' })],
    ['an end in the past', 'expired', 'conditions', () => signed({ iat: now() - 2 * hour, exp: now() - hour })],
    ['no end', 'expired', 'conditions', () => signed({ exp: undefined } as never)],
    ['a beginning in the future', 'not-yet-valid', 'conditions', () => signed({ nbf: now() + hour })],
    [
      'an issue time in the future', 'issued-in-future', 'conditions',
      () => signed({ iat: now() + 600, exp: now() + hour }),
    ],
    ['no issue time', 'no-issue-time', 'conditions', () => signed({ iat: undefined } as never)],
    ['no subject', 'no-subject', 'structure', () => signed({ sub: undefined } as never)],
    ['an empty subject', 'no-subject', 'structure', () => signed({ sub: '' })],
    ['a subject of 300 characters', 'no-subject', 'structure', () => signed({ sub: 's'.repeat(300) })],
    [
      'no signature (alg none)', 'wrong-algorithm', 'signature',
      () => (nonce) => new UnsecuredJWT(claimsFor(nonce)).encode(),
    ],
    [
      'alg none and the signature of another token', 'wrong-algorithm', 'signature',
      () => async (nonce) => `${new UnsecuredJWT(claimsFor(nonce)).encode()}${(await provider.sign({})).split('.')[2]}`,
    ],
    ['HS256 by the public key', 'wrong-algorithm', 'signature', () => (nonce) => hmac(nonce, pem())],
    ['HS256 by the client secret', 'wrong-algorithm', 'signature', () => (nonce) => hmac(nonce, 'client-secret')],
    [
      'a key that the provider does not publish', 'unknown-key', 'signature',
      () => (nonce) => provider.sign(claimsFor(nonce), newKey('stranger')),
    ],
    [
      'another key under a published name', 'wrong-signature', 'signature',
      () => (nonce) => provider.sign(claimsFor(nonce), newKey('first')),
    ],
    ['a key that travels in the header', 'wrong-signature', 'signature', () => (nonce) => embedded(nonce)],
    ['claims that were changed after signing', 'wrong-signature', 'signature', () => (nonce) => tampered(nonce)],
    [
      'an unknown critical header', 'bad-answer', 'structure',
      () => (nonce) => provider.sign(claimsFor(nonce), undefined, { crit: ['b64'], b64: true }),
    ],
    [
      'two parts', 'bad-answer', 'structure',
      () => async (nonce) => (await signed()(nonce)).split('.').slice(0, 2).join('.'),
    ],
    ['an address that is not verified', 'email-not-verified', 'mapping', () => signed({ email_verified: false })],
    [
      'an address whose verification is not spoken of', 'email-not-verified', 'mapping',
      () => signed({ email_verified: undefined } as never),
    ],
    ['no address', 'no-email', 'mapping', () => signed({ email: undefined } as never)],
    ['an address that is none', 'no-address', 'mapping', () => signed({ email: 'ada' })],
  ]
  it.each(cases)('%s', async (_name, code, stage, token) => {
    await refused(await comeBack(await begin(), token()), code, stage)
  })

  it('an address in a claim that anybody may choose', async () => {
    await gateway.query(
      `UPDATE sso_connections SET mapping = jsonb_set(mapping, '{email}', '["preferred_username", "email"]') WHERE id = $1`,
      [connection],
    )
    await refused(
      await comeBack(await begin(), signed({ preferred_username: 'root@acme.example' })), 'email-not-verified',
      'mapping',
    )
    await gateway.query('UPDATE sso_connections SET mapping = $2 WHERE id = $1', [connection, JSON.stringify(MAPPING)])
  })

  it('says which key is not published, and where it was looked for', async () => {
    await comeBack(await begin(), (nonce) => provider.sign(claimsFor(nonce), newKey('stranger')))
    const reason = expect.stringContaining(`(stranger) that the provider does not publish at ${provider.issuer}/keys`)
    expect(await gateway.trace(connection)).toMatchObject({ reason })
  })

  const pem = (): string => String(
    createPublicKey(
      { key: provider.script.keys[0]?.public as never, format: 'jwk' },
    ).export({ type: 'spki', format: 'pem' }),
  )
  const hmac = (nonce: string, key: string): Promise<string> => new SignJWT(claimsFor(nonce)).setProtectedHeader(
    { alg: 'HS256', kid: 'first' },
  ).sign(Buffer.from(key.padEnd(32, '\0')))
  const embedded = (nonce: string): Promise<string> => {
    const own = newKey('first')
    return provider.sign(claimsFor(nonce), own, { jwk: own.public })
  }
  const tampered = async (nonce: string): Promise<string> => {
    const [head, body = '', signature] = (await signed()(nonce)).split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as JWTPayload
    return [
      head, Buffer.from(JSON.stringify({ ...claims, email: 'root@acme.example' })).toString('base64url'), signature,
    ].join('.')
  }
})

describe('an answer that is not the one to this login', () => {
  it('has another state', async () => {
    const begun = await begin()
    await refused(await comeBack(begun, signed(), { state: '_0000' }), 'unknown-request', 'request')
  })

  it('has no state', async () => {
    await refused(await comeBack(await begin(), signed(), { state: null }), 'unknown-request', 'request')
  })

  it('comes from another browser', async () => {
    const begun = await begin()
    const other = (await begin()).browser
    await refused(await comeBack({ ...begun, browser: other }), 'unknown-request', 'request')
    await refused(await comeBack({ ...begun, browser: cookieBrowser() }), 'unknown-request', 'request')
  })

  it('was begun for another connection, or another tenant', async () => {
    await gateway.connection('acme', 'second', { issuer: provider.issuer })
    await gateway.connection('globex', 'corp', { issuer: provider.issuer })
    for (const at of ['acme/second', 'globex/corp']) {
      await refused(await comeBack(await begin(cookieBrowser(), at)), 'unknown-request', 'request')
    }
  })

  it('answers a logout of this browser', async () => {
    const { browser } = await begin()
    const found = await connectionOf(gateway.query, tablesOf('public'), 'acme', 'corp')
    const browser_hash = createHash('sha256').update(browser.cookies.get('onboard-sso') ?? '').digest('hex')
    const { id } = await beginRequest(gateway.query, tablesOf('public'), {
      connection: found as Connection, purpose: 'logout', browser_hash, return_to: null, detail: {}, seconds: 60,
    })
    expect((await comeBack({ browser, state: id, nonce: '', to: new URL(gateway.origin) })).status).toBe(400)
    expect(await gateway.trace(connection)).toMatchObject({ accepted: false, code: 'unknown-request' })
    expect(await gateway.sessions(connection)).toBe(0)
  })

  it('comes too late', async () => {
    const begun = await begin()
    await gateway.query(`UPDATE sso_requests SET expires_at = onboard.now() WHERE id = $1`, [begun.state])
    await refused(await comeBack(begun), 'unknown-request', 'request')
  })

  it('names another issuer (mix-up, RFC 9207)', async () => {
    await refused(
      await comeBack(await begin(), signed(), { iss: 'https://evil.example' }), 'wrong-issuer', 'conditions',
    )
  })

  it('has no code, or two', async () => {
    await refused(await comeBack(await begin(), signed(), { code: null }), 'bad-answer', 'structure')
    const begun = await begin()
    const back = await begun.browser.send(`${gateway.origin}/sso/acme/corp/callback?code=a&code=b&state=${begun.state}`)
    await refused({ status: back.status, text: await back.text() }, 'bad-answer', 'structure')
  })
})

describe('the provider', () => {
  const says = async (token: () => { status?: number; headers?: Record<string, string>; body: unknown }) => {
    const begun = await begin()
    provider.script.token = token
    const back = await begun.browser.send(`${gateway.origin}/sso/acme/corp/callback?code=c&state=${begun.state}`)
    return { status: back.status, text: await back.text() }
  }
  const ok = { access_token: 'a', token_type: 'Bearer' }

  it.each([
    [
      'does not know the client secret', 'wrong-client-secret', 'request',
      { status: 401, body: { error: 'invalid_client' } },
    ],
    [
      'challenges the client', 'wrong-client-secret', 'request',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="op"' }, body: { error: 'invalid_client' } },
    ],
    [
      'does not take the code', 'code-refused', 'conditions',
      { status: 400, body: { error: 'invalid_grant', error_description: 'used\nalready' } },
    ],
    ['sends no ID token', 'no-id-token', 'structure', { body: ok }],
    [
      'sends a web page', 'bad-answer', 'structure',
      { headers: { 'content-type': 'text/html' }, body: '<h1>Down</h1>' },
    ],
    ['fails', 'bad-answer', 'structure', { status: 500, body: 'oops' }],
    [
      'leads elsewhere', 'bad-answer', 'structure',
      { status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' },
    ],
  ] as const)('%s', async (_name, code, stage, said) => {
    await refused(await says(() => said), code, stage)
  })

  it('speaks of somebody else when it is asked for claims', async () => {
    provider.script.userinfo = { body: { sub: 'eve-1', email: 'ada@acme.example', email_verified: true } }
    await refused(
      await comeBack(await begin(), signed({ email: undefined } as never)), 'userinfo-disagrees', 'conditions',
    )
  })

  it('verifies another address than the signed one: it counts for nothing', async () => {
    provider.script.userinfo = { body: { sub: 'ada-1', email: 'eve@evil.example', email_verified: true } }
    await refused(
      await comeBack(await begin(), signed({ email_verified: undefined } as never)), 'email-not-verified', 'mapping',
    )
  })

  it('does not give the claims that are mapped', async () => {
    provider.script.userinfo = { status: 403, body: { error: 'insufficient_scope' } }
    await refused(await comeBack(await begin(), signed({ roles: undefined })), 'no-claims', 'mapping')
  })

  it('cannot be reached', async () => {
    const gone = await gateway.connection('acme', 'gone', { issuer: 'http://127.0.0.1:9' })
    const page = await cookieBrowser().open(`${gateway.origin}/sso/acme/gone/login`)
    expect(page).toMatchObject({ status: 502 })
    expect(page.text).toContain('Your identity provider cannot be asked at the moment.')
    expect(await gateway.trace(gone)).toMatchObject({ accepted: false, code: 'provider-unreachable', stage: 'request' })
  })

  it('is at a private address that nobody has allowed', async () => {
    const inside = await gateway.connection('acme', 'inside', { issuer: 'https://10.0.0.1' })
    expect(await cookieBrowser().open(`${gateway.origin}/sso/acme/inside/login`)).toMatchObject({ status: 502 })
    expect(await gateway.trace(inside)).toMatchObject(
      { code: 'provider-unreachable', reason: expect.stringContaining('10.0.0.1 is not a public address') },
    )
  })
})

describe('an issuer that promises to name itself (RFC 9207)', () => {
  it('is not believed where it does not', async () => {
    const named = await scriptedProvider()
    named.script.configuration = { authorization_response_iss_parameter_supported: true }
    const id = await gateway.connection('acme', 'named', { issuer: named.issuer })
    const begun = await begin(cookieBrowser(), 'acme/named')
    expect(await comeBack(begun, signed(), {}, 'acme/named')).toMatchObject({ status: 403 })
    expect(await gateway.trace(id)).toMatchObject(
      { accepted: false, code: 'wrong-issuer', reason: expect.stringContaining('does not name its issuer') },
    )
    await named.close()
  })
})

describe('what is as it should be', () => {
  it('lets in, once: the answer sent again is refused', async () => {
    const begun = await begin()
    expect(await comeBack(begun)).toMatchObject({ status: 303, location: '/t/acme/' })
    expect(await gateway.sessions(connection)).toBe(1)
    expect(await comeBack(begun)).toMatchObject({ status: 400 })
    expect(await gateway.trace(connection)).toMatchObject({ accepted: false, code: 'unknown-request' })
    expect(await gateway.sessions(connection)).toBe(1)
  })

  it('lets in once where one answer comes ten times at one moment', async () => {
    const begun = await begin()
    const before = await gateway.sessions(connection)
    const all = await Promise.all(Array.from({ length: 10 }, () => comeBack(begun)))
    expect(all.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 400)).toHaveLength(9)
    expect(await gateway.sessions(connection)).toBe(before + 1)
  })

  it('takes a rotated key that is not among those it has kept, and asks for keys no more often than that', async () => {
    await comeBack(await begin())
    provider.asked.clear()
    const next = newKey('next', 'RS256')
    provider.script.keys = [next, ...provider.script.keys]
    expect(
      await comeBack(await begin(), (nonce) => provider.sign(claimsFor(nonce), next)),
    ).toMatchObject({ status: 303 })
    expect(
      await comeBack(await begin(), (nonce) => provider.sign(claimsFor(nonce), next)),
    ).toMatchObject({ status: 303 })
    expect(provider.asked.get('/keys')).toBe(1)
  })

  it('is known by issuer and subject: with another address it is still the same account', async () => {
    await comeBack(await begin())
    const users = () => gateway.query(
      'SELECT id FROM users WHERE tenant_id = (SELECT id FROM tenants WHERE slug = $1)', ['acme'],
    )
    const before = await users()
    expect(await comeBack(await begin(), signed({ email: 'ada.lovelace@acme.example' }))).toMatchObject({ status: 303 })
    expect(await users()).toEqual(before)
  })

  it('says more at its userinfo endpoint, but nothing else than it has signed', async () => {
    provider.script.userinfo = {
      body: { sub: 'cy-1', email: 'cy@acme.example', email_verified: true, name: 'Cy', roles: ['crm-admins'] },
    }
    const token = signed(
      { sub: 'cy-1', email: undefined, email_verified: undefined, roles: ['staff'], name: 'Cynthia' },
    )
    expect(await comeBack(await begin(), token)).toMatchObject({ status: 303 })
    expect(await gateway.trace(connection)).toMatchObject({
      mapped: { email: 'cy@acme.example', name: 'Cynthia', role: 'viewer' },
    })
  })

  it('leads back to a page of the tenant, and never elsewhere', async () => {
    const back = async (to: string) => {
      const browser = cookieBrowser()
      const answer = await browser.send(`${gateway.origin}/sso/acme/corp/login?return_to=${encodeURIComponent(to)}`)
      const sent = new URL(answer.headers.get('location') ?? '')
      const [state, nonce] = [sent.searchParams.get('state') ?? '', sent.searchParams.get('nonce') ?? '']
      return (await comeBack({ browser, state, nonce, to: sent })).location
    }
    expect(await back('/t/acme/projects?open=1')).toBe('/t/acme/projects?open=1')
    for (const to of [
      'https://evil.example/', '//evil.example/', '/\\evil.example', '//evil.example/t/acme/x', 'https://evil.example/t/acme/x',
      '/t/acme/../globex/', '/t/globex/',
      '/\t/evil.example', 'javascript:alert(1)',
    ]) expect(await back(to), to).toBe('/t/acme/')
  })

  it('binds the browser by a cookie that no script reads', async () => {
    const answer = await cookieBrowser().send(`${gateway.origin}/sso/acme/corp/login`)
    expect(
      answer.headers.getSetCookie().find((one) => one.startsWith('onboard-sso=')),
    ).toMatch(/^onboard-sso=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  it('is offered only where it is switched on, but for a link of a test', async () => {
    await gateway.connection('acme', 'off', { issuer: provider.issuer, enabled: false })
    for (const at of ['acme/off', 'acme/none', 'nobody/corp']) expect(
      (await cookieBrowser().send(`${gateway.origin}/sso/${at}/login`)).status, at,
    ).toBe(404)
    expect((await cookieBrowser().send(`${gateway.origin}/sso/acme/off/login?test=wrong`)).status).toBe(404)
  })

  it('is not for people from elsewhere, nor for a tenant that is suspended', async () => {
    await gateway.connection('far', 'corp', { issuer: provider.issuer })
    const login = () => cookieBrowser().send(`${gateway.origin}/sso/far/corp/login`)
    expect((await login()).status).toBe(303)
    await gateway.query(`UPDATE tenants SET settings = '{"ip_allowlist": ["203.0.113.0/24"]}' WHERE slug = 'far'`)
    expect((await login()).status).toBe(403)
    await gateway.query(`UPDATE tenants SET settings = '{}', status = 'suspended' WHERE slug = 'far'`)
    expect((await login()).status).toBe(403)
  })
})
