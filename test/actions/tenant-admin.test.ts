import { createHash } from 'node:crypto'
import bcrypt from 'bcrypt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import admin from '../../src/actions/tenant/admin.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const link = {
  tenant: 'acme',
  email: 'Tom@acme.example',
  name: 'Tom Bräun',
  handover: 'set-password-link',
  expires_hours: 72,
  set_password_url: 'https://app.vendor.example/set-password?lang=en',
}
const password = { ...link, handover: 'temporary-password', expires_hours: 24 }
const tenant = (world: World) =>
  world.sql(`INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom'), ('other', 'Other', 'custom')`)
const user = (columns: string, values: string) => async (world: World) => {
  await tenant(world)
  await world.sql(
    `INSERT INTO users (tenant_id, email, full_name, role${columns}) SELECT id, 'tom@ACME.example', 'T. Braun', 'member'${values} FROM tenants WHERE slug = 'acme'`,
  )
}

const cost = process.env['ONBOARD_BCRYPT_COST']
process.env['ONBOARD_BCRYPT_COST'] = '4'
afterAll(() => {
  if (cost === undefined) delete process.env['ONBOARD_BCRYPT_COST']
  else process.env['ONBOARD_BCRYPT_COST'] = cost
})

actionLaws('tenant.admin', {
  'a new one, by link': { input: link, given: tenant },
  'a new one, by temporary password': { input: password, given: tenant },
  'a member with a password, who is promoted': { input: password, given: user(', password_hash', `, '$2b$04$'`) },
  'a member without any credential': { input: password, given: user('', '') },
  'a member without any credential, by link': { input: link, given: user('', '') },
})

describe('tenant.admin', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await tenant(world)
    return () => world.close()
  })
  const stored = async (email: string) =>
    (
      await world.sql(
        `SELECT *, set_password_expires_at::text AS link_ends, password_expires_at::text AS password_ends FROM users WHERE lower(email) = lower($1)`,
        [email],
      )
    )[0]

  test('a link holds a token of 256 bits, of which only the SHA-256 is stored, and ends by the clock of the database', async () => {
    const { secrets, outputs, change } = await world.apply(admin as never, link)
    expect(secrets).toMatchObject([{ name: 'set_password_link', expires_at: '2026-12-04T09:00:00Z' }])
    const url = new URL(secrets[0]?.value.reveal() as string)
    expect(url.origin + url.pathname).toBe('https://app.vendor.example/set-password')
    expect(url.searchParams.get('lang')).toBe('en')
    const token = url.searchParams.get('token') as string
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(await stored(link.email)).toMatchObject({
      set_password_token_hash: createHash('sha256').update(token).digest('hex'),
      link_ends: '2026-12-04 09:00:00+00',
      password_hash: null,
      role: 'admin',
      full_name: 'Tom Bräun',
      must_change_password: false,
    })
    expect(outputs).toMatchObject({ email: link.email, must_change_password: false })
    expect(change).toMatchObject({
      before: null,
      after: { email: link.email, full_name: 'Tom Bräun', role: 'admin', credential: 'set-password-link' },
    })
  })

  test('a temporary password must be changed, ends, and logs in', async () => {
    const { secrets, outputs } = await world.apply(admin as never, { ...password, email: 'ada@acme.example' })
    const row = await stored('ada@acme.example')
    expect(await bcrypt.compare(secrets[0]?.value.reveal() as string, row?.['password_hash'] as string)).toBe(true)
    expect(row).toMatchObject({
      must_change_password: true,
      password_ends: '2026-12-02 09:00:00+00',
      set_password_token_hash: null,
    })
    expect(outputs).toMatchObject({ must_change_password: true })
    expect(`${secrets[0]?.value}${JSON.stringify(secrets)}`).not.toContain(secrets[0]?.value.reveal())
  })

  test('a re-run resets nothing, whether the password was changed, or the hand-over is another by now', async () => {
    await world.sql(
      `UPDATE users SET password_hash = 'own', must_change_password = false, password_expires_at = NULL WHERE email = 'ada@acme.example'`,
    )
    for (const handover of ['temporary-password', 'set-password-link']) {
      const { change, secrets } = await world.apply(admin as never, {
        ...password,
        handover,
        email: 'ADA@acme.example',
      })
      expect(change).toBeNull()
      expect(secrets).toEqual([])
    }
    expect(await stored('ada@acme.example')).toMatchObject({ password_hash: 'own' })
  })

  test('a name or role that differs is planned, and the password stays', async () => {
    await world.sql(`UPDATE users SET role = 'member' WHERE email = 'ada@acme.example'`)
    const { change } = await world.apply(admin as never, { ...password, email: 'ada@acme.example' })
    expect(change).toMatchObject({ before: { role: 'member' }, after: { role: 'admin' }, order: null })
    expect(await stored('ada@acme.example')).toMatchObject({ password_hash: 'own', role: 'admin' })
  })

  test('the same address in another tenant is another user', async () => {
    const { change } = await world.apply(admin as never, { ...link, tenant: 'other' })
    expect(change?.before).toBeNull()
    expect(await world.sql(`SELECT 1 FROM users WHERE lower(email) = 'tom@acme.example'`)).toHaveLength(2)
    await world.sql(`DELETE FROM users USING tenants t WHERE t.id = tenant_id AND t.slug = 'other'`)
  })

  test('reissue makes a new link and the old one void', async () => {
    const before = await stored(link.email)
    const [secret] = await world.reissue(admin as never, link)
    const after = await stored(link.email)
    expect(after?.['set_password_token_hash']).not.toBe(before?.['set_password_token_hash'])
    const token = new URL(secret?.value.reveal() as string).searchParams.get('token') as string
    expect(after?.['set_password_token_hash']).toBe(createHash('sha256').update(token).digest('hex'))
  })

  test('reissue by the other way revokes what was issued before', async () => {
    const [secret] = await world.reissue(admin as never, password)
    expect(secret?.name).toBe('temporary_password')
    expect(await stored(link.email)).toMatchObject({ set_password_token_hash: null, must_change_password: true })
    await world.reissue(admin as never, link)
    expect(await stored(link.email)).toMatchObject({
      password_hash: null,
      must_change_password: false,
      password_ends: null,
    })
  })

  test('reissue leaves a password alone that its owner has chosen', async () => {
    await expect(world.reissue(admin as never, { ...link, email: 'ada@acme.example' })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'already-taken-over',
    })
    await expect(world.reissue(admin as never, { ...link, email: 'nobody@acme.example' })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'no-such-user',
    })
    expect(await stored('ada@acme.example')).toMatchObject({ password_hash: 'own' })
  })

  test('undo keeps a user whom rows of others refer to', async () => {
    await world.sql(
      `CREATE TABLE comments (author uuid REFERENCES users ON DELETE CASCADE); GRANT SELECT ON comments TO onboard_app`,
    )
    const applied = await world.apply(admin as never, { ...link, email: 'eve@acme.example' })
    await world.sql(`INSERT INTO comments SELECT id FROM users WHERE email = 'eve@acme.example'`)
    await expect(world.undo(admin as never, applied)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'has-dependents',
      message: expect.stringContaining('comments (author)') as string,
    })
    expect(await world.sql('SELECT * FROM comments')).toHaveLength(1)
  })

  test('the reader sees that there is a secret, and never its hash', async () => {
    await expect(world.reading((read) => read.many('SELECT password_hash FROM users'))).rejects.toMatchObject({
      code: '42501',
    })
    await expect(world.reading((read) => read.many('SELECT set_password_token_hash FROM users'))).rejects.toMatchObject(
      { code: '42501' },
    )
    expect(await world.reading((read) => read.many('SELECT has_password_hash FROM users'))).not.toHaveLength(0)
  })

  test('an address that is no page for a link is refused before anything is written', async () => {
    const before = await world.dump()
    await expect(
      world.apply(admin as never, { ...link, email: 'new@acme.example', set_password_url: 'javascript:alert(1)' }),
    ).rejects.toMatchObject({ kind: 'invalid', code: 'set-password-url' })
    expect(await world.dump()).toEqual(before)
  })

  test('without the tenant it is planned whole, and refused at apply', async () => {
    const seen = await world.reading((read) => admin.check(read, { ...link, tenant: 'nobody' } as never))
    expect(admin.plan({ ...link, tenant: 'nobody' } as never, seen)).toMatchObject({ before: null })
    await expect(world.apply(admin as never, { ...link, tenant: 'nobody' })).rejects.toMatchObject({
      code: 'no-such-tenant',
    })
  })
})
