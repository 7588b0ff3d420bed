/** Whose account a proved identity is, in which role, and what stays of it; on a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../../src/database/pool.ts'
import { connectionOf, connectionsOf } from '../../../src/identity/login/connections.ts'
import { begin, take, takeOnce } from '../../../src/identity/login/requests.ts'
import { signIn } from '../../../src/identity/login/sign-in.ts'
import { newTestLink, openTestLink } from '../../../src/identity/login/test-link.ts'
import { tracesOf } from '../../../src/identity/login/traces.ts'
import type { Begun, Connection, Proof } from '../../../src/identity/login/types.ts'
import { tablesOf } from '../../../src/identity/sql.ts'
import { testDatabase } from '../../support/database.ts'

const tables = tablesOf('public')
const MAPPING = { email: ['email'], name: ['name'], role: ['groups'], roles: [{ value: 'admins', role: 'admin' }, { value: 'leads', role: 'manager' }], role_default: 'viewer' }
let pool: Pool
beforeAll(async () => {
  pool = createPool(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }), 'app', 8)
})
afterAll(() => pool.close())

let tenant = ''
let main: Connection
let number = 0
interface Wishes {
  readonly tenant?: object
  readonly status?: string
  readonly settings?: object
  readonly enabled?: boolean
  readonly protocol?: string
  readonly mapping?: object | null
}

async function connected({ tenant: settings = {}, status = 'live', settings: own = {}, enabled = true, protocol = 'saml', mapping = MAPPING }: Wishes = {}): Promise<Connection> {
  const slug = `t-${++number}`
  const [made] = await pool.query<{ id: string }>(`INSERT INTO tenants (name, slug, plan, status, settings) VALUES ($1, $1, 'enterprise', $2, $3) RETURNING id::text`, [slug, status, JSON.stringify(settings)])
  tenant = made?.id ?? ''
  await pool.query(`INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping) VALUES ($1, 'main', $2, $3, $4, $5)`, [tenant, protocol, enabled, JSON.stringify({ jit: true, clock_skew_s: 60, ...own }), mapping === null ? null : JSON.stringify(mapping)])
  return (await connectionOf(pool.query, tables, slug, 'main')) as Connection
}
beforeEach(async () => {
  main = await connected()
})

const user = async (email: string, more: Record<string, unknown> = {}): Promise<string> => {
  const fields = { tenant_id: tenant, email, full_name: email, role: 'member', ...more }
  const names = Object.keys(fields)
  const [row] = await pool.query<{ id: string }>(`INSERT INTO users (${names.join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')}) RETURNING id::text`, Object.values(fields))
  return row?.id ?? ''
}
const proof = (subject: string, attributes: Record<string, string[]>, request: Begun | null = null): Proof => ({ subject, session_index: 'x', id_token: null, attributes, request })
const ada = (subject = 'id-1', more: Record<string, string[]> = {}, request: Begun | null = null) => proof(subject, { email: ['ada@acme.example'], name: ['Ada'], ...more }, request)
const enter = (one: Proof, connection = main) => signIn(pool, tables, connection, one, { ip: '203.0.113.7' })
const people = () => pool.query<{ email: string; role: string; role_mapped: boolean }>('SELECT email, role, role_mapped FROM users WHERE tenant_id = $1 ORDER BY email', [tenant])
const counted = async (table: string): Promise<number> => (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE tenant_id = $1`, [tenant]))[0]?.n ?? -1
const refused = (code: string) => expect.objectContaining({ code })

describe('whose account it is', () => {
  test('somebody unknown gets one, once; the second time it is theirs by its subject, whatever their address is then', async () => {
    const first = await enter(ada())
    expect(first).toMatchObject({ role: 'viewer', mapped: { email: 'ada@acme.example', name: 'Ada', account: 'created' }, session: { id: expect.any(String) } })
    const again = await enter(proof('id-1', { email: ['ada.new@acme.example'] }))
    expect([again.user?.id, again.mapped['account']]).toEqual([first.user?.id, 'known'])
    expect(await people()).toEqual([{ email: 'ada@acme.example', role: 'viewer', role_mapped: true }])
  })

  test('an address that is there already is linked, without regard to capitals, and belongs to that subject from then on', async () => {
    const id = await user('Ada@Acme.example')
    expect(await enter(ada())).toMatchObject({ user: { id }, mapped: { account: 'linked' } })
    await expect(enter(ada('somebody-else'))).rejects.toEqual(refused('other-subject'))
    expect(await counted('sessions')).toBe(1)
  })

  test('two first logins at one moment make one account', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => enter(ada())))
    expect(new Set(all.map((one) => one.user?.id)).size).toBe(1)
    expect(await counted('users')).toBe(1)
  })

  test('an account of another tenant with the same address is nobody here', async () => {
    const other = main
    const id = await user('ada@acme.example')
    main = await connected()
    expect((await enter(ada())).user?.id).not.toBe(id)
    await expect(enter(ada('x'), other)).resolves.toMatchObject({ user: { id } })
  })

  test.each([
    ['no account, and none is made', { settings: { jit: false } }, 'unknown-user'],
    ['no account, and the directory says who has one', { tenant: { enabled: { scim: true } } }, 'unknown-user'],
    ['the connection is off', { enabled: false }, 'disabled'],
    ['single sign-on is off for the tenant', { tenant: { enabled: { sso: false } } }, 'disabled'],
    ['nothing is mapped', { mapping: null }, 'no-mapping'],
    ['the tenant is suspended', { status: 'suspended' }, 'suspended'],
    ['the tenant is not live, and this is no administrator', { status: 'provisioning' }, 'not-live'],
  ])('refused: %s', async (_what, wishes, code) => {
    main = await connected(wishes)
    await expect(enter(ada())).rejects.toEqual(refused(code))
    expect([await counted('users'), await counted('sessions')]).toEqual([0, 0])
    const [trace] = await tracesOf(pool.query, tables, { connection: main.id, most: 5 })
    expect(trace).toMatchObject({ accepted: false, code, subject: 'id-1', purpose: 'login', attributes: { email: ['ada@acme.example'] } })
    expect(await pool.query('SELECT event, ip, detail ->> $2 AS code FROM audit_events WHERE tenant_id = $1', [tenant, 'code'])).toEqual([{ event: 'login.refused', ip: '203.0.113.7', code }])
  })

  test('whom a directory has switched off, no login revives', async () => {
    const id = await user('ada@acme.example', { active: false, document: '{}' })
    await expect(enter(ada())).rejects.toEqual(refused('deactivated'))
    expect(await pool.query('SELECT active FROM users WHERE id = $1', [id])).toEqual([{ active: false }])
  })
})

describe('which role', () => {
  test.each([
    ['the first line that fits', ['leads', 'admins'], 'admin'],
    ['a line further down', ['staff', 'leads'], 'manager'],
    ['no line', ['Admins'], 'viewer'],
  ])('of a new account: %s', async (_what, groups, role) => {
    expect((await enter(ada('id-1', { groups }))).role).toBe(role)
  })

  test('it follows the groups where they gave it, and leaves alone what a person gave', async () => {
    await enter(ada('id-1', { groups: ['leads'] }))
    expect((await enter(ada('id-1', { groups: [] }))).role).toBe('viewer')
    await user('tom@acme.example', { role: 'manager' })
    expect((await enter(proof('id-2', { email: ['tom@acme.example'], groups: ['admins'] }))).role).toBe('manager')
  })

  test('of somebody of a directory it follows the attributes only where groups of the directory give none', async () => {
    await user('eve@acme.example', { document: '{}' })
    await user('sue@acme.example', { document: '{}', role: 'manager', role_mapped: true })
    expect((await enter(proof('e', { email: ['eve@acme.example'], groups: ['leads'] }))).role).toBe('manager')
    expect((await enter(proof('s', { email: ['sue@acme.example'], groups: [] }))).role).toBe('manager')
  })

  test('the last administrator stays one, also where two lose the role at one moment', async () => {
    await enter(ada('id-1', { groups: ['admins'] }))
    expect((await enter(ada('id-1', { groups: [] }))).role).toBe('admin')
    await enter(proof('id-2', { email: ['sue@acme.example'], groups: ['admins'] }))
    await Promise.all([enter(ada('id-1', { groups: [] })), enter(proof('id-2', { email: ['sue@acme.example'], groups: [] }))])
    expect((await people()).filter(({ role }) => role === 'admin')).toHaveLength(1)
  })
})

describe('an address of an OpenID provider', () => {
  const claims = (more: Record<string, string[]>) => proof('s', { email: ['ada@acme.example'], ...more })
  test('counts where the provider has verified it, unless it is trusted', async () => {
    main = await connected({ protocol: 'oidc', settings: { issuer: 'https://login.acme.example', email_verified: 'required' } })
    for (const more of [{}, { email_verified: ['false'] }]) await expect(enter(claims(more as never))).rejects.toEqual(refused('email-not-verified'))
    expect((await enter(claims({ email_verified: ['true'] }))).session).not.toBeNull()
    main = await connected({ protocol: 'oidc', settings: { issuer: 'https://login.acme.example', email_verified: 'trusted' } })
    expect((await enter(claims({}))).session).not.toBeNull()
  })
})

describe('what is asked is answered once', () => {
  const asked = (more: object = {}) => begin(pool.query, tables, { connection: main, purpose: 'login', browser_hash: 'b', return_to: '/x', detail: { nonce: 'n' }, seconds: 60, ...more })
  const answer = (id: string, more: object = {}) => take(pool.query, tables, { tenant: main.tenant_id, connection: main.id, id, browser_hash: 'b', ...more })

  test('of ten answers at one moment one is taken, with what was written down', async () => {
    const { id } = await asked()
    expect(id).toMatch(/^_[0-9a-f]{40}$/)
    const taken = (await Promise.all(Array.from({ length: 10 }, () => answer(id)))).filter((one) => one !== undefined)
    expect(taken).toEqual([{ id, purpose: 'login', return_to: '/x', detail: { nonce: 'n' } }])
  })

  test('not by another browser, for another connection or tenant, nor too late; the right one still can', async () => {
    const { id } = await asked()
    const other = await connected()
    expect(await answer(id, { browser_hash: 'another' })).toBeUndefined()
    expect(await answer(id, { browser_hash: null })).toBeUndefined()
    expect(await answer(id, { connection: other.id })).toBeUndefined()
    expect(await answer(id, { tenant: other.tenant_id })).toBeUndefined()
    expect(await answer(id)).toBeDefined()
    const late = await asked({ seconds: 0 })
    expect(await answer(late.id)).toBeUndefined()
  })

  test('an assertion is taken once for each tenant', async () => {
    const once = () => takeOnce(pool.query, tables, { tenant: main.tenant_id, kind: 'assertion', id: 'a', until: '2026-12-01T09:05:00Z' })
    expect((await Promise.all([once(), once(), once()])).filter(Boolean)).toHaveLength(1)
    const other = await connected()
    expect(await takeOnce(pool.query, tables, { tenant: other.tenant_id, kind: 'assertion', id: 'a', until: '2026-12-01T09:05:00Z' })).toBe(true)
  })
})

describe('a test', () => {
  test('opens nothing and changes nothing, and is found again by its link', async () => {
    main = await connected({ enabled: false, status: 'provisioning' })
    const link = await newTestLink(pool.query, tables, main, 60)
    expect(await openTestLink(pool.query, tables, main, link.token.reveal())).toBe(link.id)
    expect(await openTestLink(pool.query, tables, main, 'another')).toBeUndefined()
    // The link itself is no request that could be answered.
    expect(await take(pool.query, tables, { tenant: main.tenant_id, connection: main.id, id: link.id, browser_hash: null })).toBeUndefined()
    const request = await begin(pool.query, tables, { connection: main, purpose: 'test', browser_hash: null, return_to: null, detail: { link: link.id }, seconds: 60 })
    expect(await enter(ada('id-1', { groups: ['admins'] }, request))).toMatchObject({ session: null, user: null, role: 'admin', mapped: { account: 'created' } })
    expect([await counted('users'), await counted('sessions'), await counted('sso_identities')]).toEqual([0, 0, 0])
    expect(await tracesOf(pool.query, tables, { connection: main.id, purpose: 'test', accepted: true, most: 1 })).toMatchObject([{ request_id: link.id, stage: 'user', mapped: { role: 'admin' } }])
  })
})

test('what somebody sends is kept in a trace only so far, and without what PostgreSQL cannot keep', async () => {
  await expect(enter(proof('id\u0000', { groups: Array.from({ length: 500 }, () => 'g'.repeat(2000)), 'a\u0000b': ['c\u0000d'] }))).rejects.toEqual(refused('no-email'))
  const [trace] = await tracesOf(pool.query, tables, { connection: main.id, most: 1 })
  expect(JSON.stringify(trace).length).toBeLessThan(60_000)
  expect(JSON.stringify(trace)).not.toContain('\\u0000')
})

test('connections are those of the tenant, by name', async () => {
  await pool.query(`INSERT INTO sso_connections (tenant_id, name, protocol, settings) VALUES ($1, 'again', 'saml', '{}')`, [tenant])
  expect((await connectionsOf(pool.query, tables, main.slug)).map(({ name, enabled }) => [name, enabled])).toEqual([['again', false], ['main', true]])
  expect(await connectionOf(pool.query, tables, 'nobody', 'main')).toBeUndefined()
  expect(await connected({ tenant: { enabled: { sso: false } } })).toMatchObject({ enabled: false })
})
