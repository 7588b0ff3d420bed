import { beforeAll, describe, expect, test } from 'vitest'
import oidc from '../../../src/actions/oidc/connection.ts'
import saml from '../../../src/actions/saml/connection.ts'
import metadata from '../../../src/actions/saml/metadata.ts'
import { clientSecretPlace } from '../../../src/identity/oidc/secret.ts'
import { keyPlace } from '../../../src/identity/saml/keys.ts'
import { withDefaults } from '../../../src/runbook/fit.ts'
import { testDatabase } from '../../support/database.ts'
import { actionLaws } from '../../support/laws.ts'
import { CLIENT_SECRET, createWorld, TEST_SEAL, type World } from '../../support/world.ts'
import { connection, OIDC, SAML, tenant } from './support.ts'

actionLaws('saml.connection', {
  'a first one': { input: { tenant: 'acme', idp: SAML }, given: tenant },
  'other addresses of one that there is': { input: { tenant: 'acme', idp: { ...SAML, slo: { redirect: 'https://idp.acme.example/slo', post: null } } }, given: (world) => connection(world) },
})
actionLaws('oidc.connection', { 'a first one, with its secret': { input: { tenant: 'acme', idp: OIDC }, given: tenant } })
actionLaws('saml.metadata', { 'a key': { input: { tenant: 'acme', origin: 'https://app.vendor.example' }, given: tenant } })

const filled = (action: { readonly input: object }, input: object) => withDefaults(input as never, action.input as never) as unknown

describe('what is kept of a connection', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await tenant(world)
    return () => world.close()
  })

  test('it is switched off, and its settings are what was published and agreed', async () => {
    const { outputs } = await world.apply(saml as never, filled(saml, { tenant: 'acme', idp: SAML }))
    expect(outputs).toMatchObject({ entity_id: SAML.entity_id, certificates_until: '2029-11-01T00:00:00.000Z' })
    const [row] = await world.sql<{ enabled: boolean; settings: object }>('SELECT enabled, settings FROM sso_connections')
    expect(row).toMatchObject({ enabled: false, settings: { sso: { redirect: SAML.sso.redirect }, idp_initiated: false, jit: true } })
    expect(row?.settings).toHaveProperty('sso', { redirect: SAML.sso.redirect })
  })

  test('a name belongs to one protocol', async () => {
    await expect(world.apply(oidc as never, filled(oidc, { tenant: 'acme', idp: OIDC }))).rejects.toMatchObject({ kind: 'conflict', code: 'other-protocol' })
  })

  test('one by which people sign in is not taken away', async () => {
    const input = filled(saml, { tenant: 'acme', connection: 'second', idp: SAML })
    const applied = await world.apply(saml as never, input)
    await world.sql(`UPDATE sso_connections SET enabled = true WHERE name = 'second'`)
    await expect(world.undo(saml as never, applied)).rejects.toMatchObject({ kind: 'conflict', code: 'still-enabled' })
  })

  test('a client secret is sealed for its row; the same one given again changes nothing, and it stands in no change', async () => {
    const input = filled(oidc, { tenant: 'acme', connection: 'login', idp: OIDC })
    const { change } = await world.apply(oidc as never, input)
    expect(JSON.stringify(change)).not.toContain(CLIENT_SECRET)
    const [row] = await world.sql<{ id: string; tenant_id: string; client_secret: string }>(`SELECT id::text, tenant_id::text, client_secret FROM sso_connections WHERE name = 'login'`)
    expect(TEST_SEAL.open(row?.client_secret ?? '', clientSecretPlace(row?.tenant_id ?? '', row?.id ?? '')).reveal()).toBe(CLIENT_SECRET)
    expect((await world.apply(oidc as never, input)).change).toBeNull()
    await world.sql(`UPDATE sso_connections SET client_secret_mark = 'of another one' WHERE name = 'login'`)
    expect((await world.apply(oidc as never, input)).change).toMatchObject({ after: { client_secret: 'sealed' } })
  })

  test('our key is sealed, and opens for its own row alone', async () => {
    const { outputs } = await world.apply(metadata as never, filled(metadata, { tenant: 'acme', origin: 'https://app.vendor.example/' }))
    expect(outputs).toMatchObject({ entity_id: 'https://app.vendor.example/sso/acme/main/metadata', acs: 'https://app.vendor.example/sso/acme/main/acs', expires_at: '2029-12-01T09:00:00Z' })
    const [key] = await world.sql<{ id: string; tenant_id: string; private_key: string }>('SELECT id::text, tenant_id::text, private_key FROM sso_keys')
    expect(TEST_SEAL.open(key?.private_key ?? '', keyPlace(key?.tenant_id ?? '', key?.id ?? '')).reveal()).toContain('BEGIN PRIVATE KEY')
    expect(() => TEST_SEAL.open(key?.private_key ?? '', keyPlace(key?.tenant_id ?? '', 'another row'))).toThrow()
  })
})

describe('without the secret', () => {
  test('a connection that needs one is not made', async () => {
    const world = await createWorld(await testDatabase(), undefined, undefined, { vault: { given: async () => null, seal: async () => '' } })
    await tenant(world)
    await expect(world.apply(oidc as never, filled(oidc, { tenant: 'acme', idp: OIDC }))).rejects.toMatchObject({ kind: 'waiting', code: 'secret-needed', suggestions: ['onboard sso acme --client-secret-file FILE'] })
    expect(await world.sql('SELECT 1 FROM sso_connections')).toEqual([])
    await world.apply(oidc as never, filled(oidc, { tenant: 'acme', idp: { ...OIDC, client_secret: false } }))
    expect(await world.sql('SELECT has_client_secret FROM sso_connections')).toEqual([{ has_client_secret: false }])
    await world.close()
  })
})
