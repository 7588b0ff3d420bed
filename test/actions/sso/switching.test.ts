import { beforeEach, afterEach, describe, expect, test } from 'vitest'
import passwords from '../../../src/actions/password/disable.ts'
import enable from '../../../src/actions/sso/enable.ts'
import { testDatabase } from '../../support/database.ts'
import { actionLaws } from '../../support/laws.ts'
import { createWorld, type World } from '../../support/world.ts'
import { admin, connection, trace } from './support.ts'

const tested = async (world: World) => {
  await connection(world)
  await trace(world)
}
const proved = async (world: World) => {
  await connection(world, { enabled: true })
  await admin(world, 'tom@acme.example')
  await trace(world, { purpose: 'login', user: 'tom@acme.example' })
}
const on = { tenant: 'acme', connection: 'main' }
const off = { ...on, emergency: 'Tom@acme.example' }

actionLaws('sso.enable', { 'after a test login': { input: on, given: tested, kept: ['updated_at'] } })
actionLaws('password.disable', { 'an administrator has signed in, and has a password': { input: off, given: proved } })

describe('switching', () => {
  let world: World
  beforeEach(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
  })
  afterEach(() => world.close())
  const enabled = () => world.sql(`SELECT c.enabled, t.settings -> 'enabled' AS tenant FROM sso_connections c JOIN tenants t ON t.id = c.tenant_id`)

  test.each([
    ['no test at all', undefined],
    ['one that was refused', { accepted: false, code: 'expired' }],
    ['one before the last change', { at: '2026-11-30T08:59:59Z' }],
    ['a login, which is no test', { purpose: 'login' }],
  ])('is not done after %s', async (_what, told) => {
    await connection(world)
    if (told !== undefined) await trace(world, told)
    await expect(world.apply(enable as never, on)).rejects.toMatchObject({ kind: 'waiting', code: 'not-tested', suggestions: ['onboard sso test acme'] })
    expect(await enabled()).toEqual([{ enabled: false, tenant: { sso: false } }])
  })

  test('taken back, sessions by it end, and passwords that were off are let in again', async () => {
    await tested(world)
    const applied = await world.apply(enable as never, on)
    expect(await enabled()).toEqual([{ enabled: true, tenant: { sso: true } }])
    await admin(world, 'tom@acme.example')
    await world.sql(`INSERT INTO sessions (token_hash, tenant_id, user_id, method, connection_id) SELECT 'x', u.tenant_id, u.id, 'saml', c.id FROM users u, sso_connections c`)
    await world.sql(`UPDATE tenants SET settings = jsonb_set(settings, '{enabled,password}', 'false')`)
    const after = await world.reading((read) => enable.check(read, on as never))
    await world.undo(enable as never, { ...applied, after: after as never })
    expect(await enabled()).toEqual([{ enabled: false, tenant: { sso: false, password: true } }])
    expect(await world.sql('SELECT ended_why FROM sessions')).toEqual([{ ended_why: 'sso-off' }])
    await world.sql(`UPDATE sso_traces SET at = at - interval '1 minute'`)
    await expect(world.apply(enable as never, on)).rejects.toMatchObject({ code: 'not-tested' })
  })

  test.each([
    ['the connection is off', async () => world.sql('UPDATE sso_connections SET enabled = false'), 'not switched on'],
    ['no administrator came in by it', async () => world.sql('DELETE FROM sso_traces'), 'no administrator has signed in'],
    ['who came in is no administrator', async () => world.sql(`UPDATE users SET role = 'member'`), 'no administrator has signed in'],
    ['the login was before the last change', async () => world.sql(`UPDATE sso_connections SET updated_at = onboard.now()`), 'no administrator has signed in'],
    ['the account for emergencies is unknown', async () => world.sql(`INSERT INTO users (tenant_id, email, full_name, role) SELECT id, 'x@acme.example', 'X', 'admin' FROM tenants`), 'there is no account nobody@acme.example', { emergency: 'nobody@acme.example' }],
    ['it has no password', async () => world.sql('UPDATE users SET password_hash = NULL'), 'has no password of their own'],
    ['its password is temporary', async () => world.sql('UPDATE users SET must_change_password = true'), 'has no password of their own'],
  ])('passwords stay where %s', async (_what, changed, said, more?: object) => {
    await proved(world)
    await changed()
    await expect(world.apply(passwords as never, { ...off, ...more })).rejects.toMatchObject({ kind: 'waiting', code: 'would-lock-out', message: expect.stringContaining(said) })
    expect(await world.sql(`SELECT settings #> '{enabled,password}' AS password FROM tenants`)).toEqual([{ password: null }])
  })

  test('passwords off: sessions by password end, but for that of the account for emergencies', async () => {
    await proved(world)
    await admin(world, 'ada@acme.example')
    await world.sql(`INSERT INTO sessions (token_hash, tenant_id, user_id, method) SELECT email, tenant_id, id, 'password' FROM users`)
    await world.apply(passwords as never, off)
    expect(await world.sql('SELECT u.email, s.ended_why, u.break_glass FROM sessions s JOIN users u ON u.id = s.user_id ORDER BY 1')).toEqual([
      { email: 'ada@acme.example', ended_why: 'password-off', break_glass: false },
      { email: 'tom@acme.example', ended_why: null, break_glass: true },
    ])
  })
})
