import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newKey, scriptedProvider, type ScriptedProvider } from '../support/scripted-openid.ts'
import { type OidcGateway, oidcGateway } from './oidc-support.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let gateway: OidcGateway
let provider: ScriptedProvider
let connection: string
let other: string

beforeAll(async () => {
  gateway = await oidcGateway()
  provider = await scriptedProvider()
  connection = await gateway.connection('acme', 'corp', { issuer: provider.issuer })
  other = await gateway.connection('globex', 'corp', { issuer: provider.issuer })
})
beforeEach(async () => {
  provider.reset()
  await gateway.query('DELETE FROM sessions')
  await signedIn(connection, 'ada-1', 'laptop')
  await signedIn(connection, 'ada-1', 'phone')
  await signedIn(connection, 'bob-1', 'desk')
  await signedIn(other, 'ada-1', 'laptop')
})
afterAll(() => provider.close())

/** A session as a login leaves it. */
async function signedIn(by: string, subject: string, sid: string): Promise<void> {
  await gateway.query(
    `INSERT INTO users (tenant_id, email, full_name, role)
     SELECT tenant_id, $2 || '@acme.example', $2, 'member' FROM sso_connections WHERE id = $1 ON CONFLICT DO NOTHING`,
    [by, subject],
  )
  await gateway.query(
    `INSERT INTO sessions (token_hash, tenant_id, user_id, method, connection_id, subject, session_index)
     SELECT md5(random()::text), c.tenant_id, u.id, 'oidc', c.id, $2, $3
       FROM sso_connections c JOIN users u ON u.tenant_id = c.tenant_id AND u.email = $2 || '@acme.example' WHERE c.id = $1`,
    [by, subject, sid],
  )
}

/** `SUBJECT/SID` of every session that goes on. */
const left = async (by = connection): Promise<string[]> => {
  const rows = await gateway.query<{ it: string }>(
    `SELECT subject || '/' || session_index AS it FROM sessions WHERE connection_id = $1 AND ended_at IS NULL ORDER BY it`,
    [by],
  )
  return rows.map(({ it: one }) => one)
}
const ALL = ['ada-1/laptop', 'ada-1/phone', 'bob-1/desk']

const now = (): number => Math.floor(Date.now() / 1000)
let made = 0
const claimsOf = (change: JWTPayload = {}): JWTPayload => {
  const all: JWTPayload = {
    iss: provider.issuer, aud: 'crm', iat: now(), exp: now() + 120, jti: `jti-${++made}`, events: { [EVENT]: {} },
    sub: 'ada-1', ...change,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
const token = (change: JWTPayload = {}, key = provider.script.keys[0], header: Record<string, unknown> = {
  typ: 'logout+jwt',
}): Promise<string> => provider.sign(claimsOf(change), key, header)

async function told(form: Record<string, string>, at = 'acme/corp') {
  const answer = await fetch(
    `${gateway.origin}/sso/${at}/backchannel-logout`, { method: 'POST', body: new URLSearchParams(form) },
  )
  const text = await answer.text()
  return {
    status: answer.status, store: answer.headers.get('cache-control'),
    body: text === '' ? null : (JSON.parse(text) as Record<string, unknown>),
  }
}

const lastRefusal = async (): Promise<unknown> => {
  const [row] = await gateway.query<{ detail: Record<string, unknown> }>(
    `SELECT detail FROM audit_events WHERE event = 'logout.refused' ORDER BY id DESC LIMIT 1`,
  )
  return row?.detail['code']
}

describe('a provider that says who has signed out', () => {
  it('ends all sessions of a subject, of this connection alone', async () => {
    expect(await told({ logout_token: await token() })).toEqual({ status: 200, store: 'no-store', body: null })
    expect(await left()).toEqual(['bob-1/desk'])
    expect(await left(other)).toEqual(['ada-1/laptop'])
    const events = await gateway.query(
      `SELECT detail->>'why' AS why FROM audit_events WHERE event = 'session.ended' ORDER BY id DESC LIMIT 2`,
    )
    expect(events).toEqual([{ why: 'provider' }, { why: 'provider' }])
  })

  it('ends one session by its sid, with the subject or without', async () => {
    await told({ logout_token: await token({ sid: 'phone' }) })
    expect(await left()).toEqual(['ada-1/laptop', 'bob-1/desk'])
    await told({ logout_token: await token({ sub: undefined, sid: 'laptop' } as never) })
    expect(await left()).toEqual(['bob-1/desk'])
    expect(await left(other)).toEqual(['ada-1/laptop'])
  })

  it('is content where nobody was signed in', async () => {
    expect(await told({ logout_token: await token({ sub: 'nobody' }) })).toMatchObject({ status: 200 })
    expect(await left()).toEqual(ALL)
  })

  it('may leave out the type of the token', async () => {
    expect(await told({ logout_token: await token({}, undefined, {}) })).toMatchObject({ status: 200 })
    expect(await left()).toEqual(['bob-1/desk'])
  })

  it('is heard once where the same token comes eight times at one moment', async () => {
    const logout_token = await token()
    const answers = await Promise.all(Array.from({ length: 8 }, () => told({ logout_token })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await lastRefusal()).toBe('replayed')
  })
})

describe('a logout token that ends nothing', () => {
  const hour = 3600
  it.each<readonly [string, string, () => string | Promise<string>]>([
    ['is no token', 'no-token', () => 'hello'],
    ['is empty', 'no-token', () => ''],
    ['is very long', 'too-large', () => 'x'.repeat(20_000)],
    ['is not signed', 'wrong-algorithm', () => new UnsecuredJWT(claimsOf()).encode()],
    [
      'is signed by HS256 with the client secret', 'wrong-algorithm',
      () => new SignJWT(claimsOf()).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(
        Buffer.from('client-secret'.padEnd(32, '\0')),
      ),
    ],
    ['is signed by a stranger', 'unknown-key', () => token({}, newKey('stranger'))],
    ['is signed by a stranger under a known name', 'wrong-signature', () => token({}, newKey('first'))],
    ['comes from another issuer', 'wrong-issuer', () => token({ iss: 'https://evil.example' })],
    ['is meant for another client', 'wrong-audience', () => token({ aud: 'another' })],
    ['has expired', 'expired', () => token({ iat: now() - 2 * hour, exp: now() - hour })],
    ['never expires', 'no-expiry', () => token({ exp: undefined } as never)],
    ['is an hour old and lives for a day', 'too-old', () => token({ iat: now() - hour, exp: now() + 24 * hour })],
    ['comes from the future', 'issued-in-future', () => token({ iat: now() + hour, exp: now() + 2 * hour })],
    ['does not say when it was made', 'no-issue-time', () => token({ iat: undefined } as never)],
    ['has no id', 'no-jti', () => token({ jti: undefined } as never)],
    ['has an empty id', 'no-jti', () => token({ jti: '' })],
    ['tells of nothing', 'no-event', () => token({ events: undefined } as never)],
    ['tells of something else', 'no-event', () => token({ events: { 'http://schemas.openid.net/event/other': {} } })],
    ['tells of it by a string', 'no-event', () => token({ events: { [EVENT]: 'yes' } } as never)],
    ['names nobody', 'nobody', () => token({ sub: undefined } as never)],
    ['has a nonce: it is an ID token', 'has-nonce', () => token({ nonce: 'n' })],
    ['is of another type', 'wrong-type', () => token({}, undefined, { typ: 'at+jwt' })],
  ])('%s', async (_name, code, made_) => {
    expect(await told({ logout_token: await made_() })).toMatchObject(
      { status: 400, body: { error: 'invalid_request' } },
    )
    expect(await lastRefusal()).toBe(code)
    expect(await left()).toEqual(ALL)
  })

  it('is missing', async () => {
    expect(await told({})).toMatchObject({ status: 400 })
    expect(await left()).toEqual(ALL)
  })

  it('was taken before', async () => {
    const logout_token = await token({ sid: 'phone' })
    expect(await told({ logout_token })).toMatchObject({ status: 200 })
    await signedIn(connection, 'ada-1', 'phone')
    expect(await told({ logout_token })).toMatchObject({ status: 400 })
    expect(await lastRefusal()).toBe('replayed')
    expect(await left()).toEqual(ALL)
  })

  it('goes to no connection', async () => {
    expect(await told({ logout_token: await token() }, 'acme/none')).toMatchObject({ status: 404 })
    expect(await told({ logout_token: await token() }, 'nobody/corp')).toMatchObject({ status: 404 })
  })

  it('makes the provider publish its keys no more than once in ten seconds, whatever kid it names', async () => {
    await told({ logout_token: await token() })
    provider.asked.clear()
    for (let at = 0; at < 20; at++) await told({ logout_token: await token({}, newKey(`made-up-${at}`)) })
    expect(provider.asked.get('/keys') ?? 0).toBeLessThanOrEqual(1)
  })
})
