import { beforeAll, describe, expect, test } from 'vitest'
import details from '../../../src/actions/sso/details.ts'
import login from '../../../src/actions/sso/login.ts'
import mapping from '../../../src/actions/sso/mapping.ts'
import signOut from '../../../src/actions/sso/sign-out.ts'
import testLogin from '../../../src/actions/sso/test-login.ts'
import type { Answer, Evidence } from '../../../src/model.ts'
import { withDefaults } from '../../../src/runbook/fit.ts'
import { testDatabase } from '../../support/database.ts'
import { actionLaws } from '../../support/laws.ts'
import { createWorld, type World } from '../../support/world.ts'
import { admin, connection, OIDC, SAML, trace } from './support.ts'

const MAPPING = { email: ['mail'], name: ['displayName'], role: ['groups'], roles: [{ value: 'admins', role: 'admin' }], role_default: 'viewer' }
const sample = { mail: ['ada@acme.example'], displayName: ['Ada Hall'], groups: ['staff', 'admins'] }
const input = { tenant: 'acme', mapping: MAPPING, sample }

actionLaws('sso.mapping', { 'another than there was': { input, given: (world) => connection(world) } })

describe('sso.mapping', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await connection(world)
    return () => world.close()
  })
  const filled = (given: object) => withDefaults(given as never, mapping.input as never) as never

  test('shows what the sample becomes before anybody signs in', async () => {
    const seen = await world.reading((read) => mapping.check(read, filled(input)))
    expect(mapping.plan(filled(input), seen)?.after).toMatchObject({ 'sample becomes': { email: 'ada@acme.example', name: 'Ada Hall', role: 'admin', role_from: 'admins' } })
  })

  test.each([
    ['no address', { displayName: ['Ada'] }, 'no-email', 'none of mail is there'],
    ['something that is no address', { mail: ['ada'] }, 'no-address', 'holds "ada"'],
  ])('refuses a sample with %s', async (_what, given, code, said) => {
    await expect(world.apply(mapping as never, filled({ ...input, sample: given }))).rejects.toMatchObject({ kind: 'verification', code, message: expect.stringContaining(said) })
  })

  test('a value that no line names gives the role of those', async () => {
    const { outputs } = await world.apply(mapping as never, filled({ ...input, sample: { ...sample, groups: ['Admins'] } }))
    expect(outputs).toMatchObject({ preview: { role: 'viewer', role_from: null } })
  })
})

describe('sso.test-login', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await connection(world)
    return () => world.close()
  })
  const looked = (who = 'anybody'): Promise<Evidence> => world.reading((read) => testLogin.probe(read, { tenant: 'acme', connection: 'main', who } as never))

  test('nobody, refused, let in, and a stranger', async () => {
    expect(await looked()).toMatchObject({ result: 'not_checked', next: 'onboard sso test acme' })
    await trace(world, { accepted: false, code: 'wrong-audience', reason: 'it was meant for somebody else' })
    expect(await looked()).toMatchObject({ result: 'fail', summary: expect.stringContaining('wrong-audience') })
    await trace(world, { at: '2026-11-01T00:00:00Z' })
    expect((await looked()).result).toBe('fail')
    const mapped = { email: 'ada@acme.example', name: 'Ada', role: 'member', account: 'known' }
    await trace(world, { mapped })
    const evidence = await looked()
    expect(evidence).toMatchObject({ result: 'pass', summary: 'ada@acme.example signed in, and is member' })
    expect(testLogin.outputs({} as never, evidence)).toEqual({ email: 'ada@acme.example', name: 'Ada', role: 'member', account: 'known' })
    expect((await looked('stranger')).result).toBe('not_checked')
    await trace(world, { mapped: { ...mapped, account: 'created' } })
    expect((await looked('stranger')).result).toBe('pass')
    await world.sql(`UPDATE sso_connections SET settings = settings || '{"jit": false}'`)
    expect((await looked('stranger')).result).toBe('not_checked')
    await trace(world, { accepted: false, code: 'unknown-user' })
    expect(await looked('stranger')).toMatchObject({ result: 'pass', summary: 'somebody without an account was kept out' })
    expect((await looked()).result).toBe('warn')
  })

  test('a stranger whom the directory does not know is kept out, whatever a first login would do', async () => {
    await world.sql(`UPDATE sso_connections SET settings = settings || '{"jit": true}', updated_at = '2026-12-01T08:30:00Z'`)
    await trace(world, { accepted: false, code: 'unknown-user', at: '2026-12-01T08:40:00Z' })
    expect((await looked('stranger')).result).toBe('fail')
    await world.sql(`UPDATE tenants SET settings = settings || '{"enabled": {"scim": true}}'`)
    expect(await looked('stranger')).toMatchObject({ result: 'pass', summary: 'somebody whom the directory does not know was kept out' })
    // What was tried before the directory had the last word still counts: it was as agreed then.
    await trace(world, { mapped: { email: 'new@acme.example', role: 'member', account: 'created' }, at: '2026-12-01T08:50:00Z' })
    expect((await looked('stranger')).result).toBe('pass')
    await world.sql(`UPDATE tenants SET settings = '{"enabled": {"sso": false}}'`)
    await world.sql(`UPDATE sso_connections SET settings = settings || '{"jit": false}', updated_at = '2026-11-30T09:00:00Z'`)
    await world.sql(`DELETE FROM sso_traces WHERE at > '2026-12-01T08:30:00Z'`)
  })

  test('a login is seen where the connection is on, and somebody came in by it since it was changed', async () => {
    const see = () => world.reading((read) => login.probe(read, { tenant: 'acme', connection: 'main', within_days: 30 } as never))
    expect(await see()).toMatchObject({ result: 'fail', summary: 'the connection main is switched off' })
    await world.sql(`UPDATE sso_connections SET enabled = true`)
    expect(await see()).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('in the last 30 days') })
    await trace(world, { purpose: 'login', at: '2026-11-29T09:00:00Z' })
    expect((await see()).result).toBe('not_checked')
    await trace(world, { purpose: 'login', accepted: false, code: 'expired', reason: 'too old' })
    expect(await see()).toMatchObject({ result: 'fail', summary: 'the last login was refused (expired): too old', next: 'onboard diagnose sso acme' })
    await trace(world, { purpose: 'login', mapped: { email: 'tom@acme.example' } })
    const evidence = await see()
    expect(evidence).toMatchObject({ result: 'pass', summary: 'tom@acme.example signed in at 2026-12-01T08:00Z' })
    expect(login.outputs({} as never, evidence)).toMatchObject({ email: 'tom@acme.example' })
    await world.sql(`UPDATE sso_connections SET enabled = false`)
  })

  test('signing out is seen where a session says so', async () => {
    const see = () => world.reading((read) => signOut.probe(read, { tenant: 'acme', connection: 'main' } as never))
    expect(await see()).toMatchObject({ reason: 'nobody has signed in through it yet, and out again; before the go-live administrators can' })
    await admin(world, 'tom@acme.example')
    await world.sql(`INSERT INTO sessions (token_hash, tenant_id, user_id, method, connection_id, ended_at, ended_why) SELECT 'x', u.tenant_id, u.id, 'saml', c.id, onboard.now(), 'idle' FROM users u, sso_connections c`)
    expect(await see()).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('has signed out') })
    await world.sql(`UPDATE sessions SET ended_why = 'logout'`)
    expect(await see()).toMatchObject({ result: 'pass' })
  })
})

describe('sso.details', () => {
  const question = (protocol: 'saml' | 'oidc') => details.ask({ protocol, idp: 'okta', from: ['engineering'] } as never)
  const answer = (values: object, more: Partial<Answer> = {}): Answer => ({
    signer: { name: 'Eva', email: 'eva@vendor.example' }, role: 'engineering', recorder: { name: 'eva', email: null, how: 'os', verified: false },
    note: null, evidence: [{ name: 'metadata.xml', digest: 'a'.repeat(64), size: 3 }], values: values as never, ...more,
  })

  test('takes what was read of metadata or of an issuer', () => {
    const usual = { clock_skew_s: 60, jit: true, idp_initiated: false }
    expect(details.accept(question('saml'), answer({ idp: SAML }))).toMatchObject({ idp: SAML, mapping: null, agreed: usual })
    expect(details.accept(question('oidc'), answer({ idp: OIDC, agreed: { jit: false } }))).toMatchObject({ idp: OIDC, agreed: { ...usual, jit: false } })
    expect(question('saml').command).toBe('onboard sso CUSTOMER --metadata FILE')
  })

  test.each([
    ['nothing', 'saml', {}, 'is missing'],
    ['plain HTTP', 'saml', { idp: { ...SAML, sso: { redirect: 'http://idp.acme.example/sso', post: null } } }, 'https'],
    ['no address of logins', 'saml', { idp: { ...SAML, sso: { redirect: null, post: null } } }, 'no address'],
    ['a fingerprint of another certificate', 'saml', { idp: { ...SAML, certificates: [{ ...SAML.certificates[0], fingerprint: 'AA:BB' }] } }, 'not what is said of it'],
    ['a certificate that is none', 'saml', { idp: { ...SAML, certificates: [{ ...SAML.certificates[0], pem: 'x' }] } }, 'not what is said of it'],
    ['an OIDC client where metadata is asked for', 'saml', { idp: OIDC }, 'entity_id'],
    ['an issuer without TLS', 'oidc', { idp: { ...OIDC, issuer: 'http://login.acme.example' } }, 'https'],
    ['a skew that lets anything in', 'saml', { idp: SAML, agreed: { clock_skew_s: 3600 } }, '0 to 300'],
    ['a word in place of yes or no', 'saml', { idp: SAML, agreed: { jit: 'no' } }, 'true or false'],
    ['what nobody knows', 'saml', { idp: SAML, agreed: { unsigned: true } }, 'unsigned'],
    ['a login that begins at an OpenID provider', 'oidc', { idp: OIDC, agreed: { idp_initiated: true } }, 'SAML'],
    ['scopes without openid', 'oidc', { idp: { ...OIDC, scopes: ['email'] } }, 'openid'],
  ] as const)('refuses %s', (_what, protocol, values, said) => {
    expect(details.accept(question(protocol), answer(values))).toEqual({ missing: expect.stringContaining(said) })
  })

  test('wants the evidence, and the right person', () => {
    expect(details.accept(question('saml'), answer({ idp: SAML }, { evidence: [] }))).toHaveProperty('missing')
    expect(details.accept(question('saml'), answer({ idp: SAML }, { role: 'customer' }))).toHaveProperty('missing')
  })
})
