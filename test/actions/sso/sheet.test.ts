import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sheet from '../../../src/actions/sso/sheet.ts'
import { withDefaults } from '../../../src/runbook/fit.ts'
import { testDatabase } from '../../support/database.ts'
import { actionLaws } from '../../support/laws.ts'
import { createWorld, openAcme, type World } from '../../support/world.ts'
import { CERTIFICATE } from './support.ts'

const input = {
  tenant: 'acme', app_url: 'https://app.vendor.example/login', protocol: 'saml', customer: 'Acme | <b>GmbH</b>', vendor: 'Example Vendor', idp: 'Okta',
  certificate: CERTIFICATE.pem, fingerprint: CERTIFICATE.fingerprint, expires_at: CERTIFICATE.not_after,
}

actionLaws('sso.sheet', { 'a first one': { input, given: openAcme } })

describe('the sheet', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await openAcme(world)
  })
  afterAll(() => world.close())
  const written = async (more: object = {}) => {
    const filled = withDefaults({ ...input, ...more } as never, sheet.input as never)
    const { outputs } = await world.apply(sheet as never, filled)
    const [row] = await world.sql<{ text: string }>(`SELECT convert_from(bytes, 'UTF8') AS text FROM onboard.evidence WHERE digest = $1`, [(outputs as { digest: string }).digest])
    return row?.text ?? ''
  }

  test("says what is entered where, in the customer's own product, with our certificate as it is", async () => {
    const text = await written()
    for (const part of ['https://app.vendor.example/sso/acme/main/acs', 'https://app.vendor.example/sso/acme/main/metadata', '## In Okta', 'Audience URI (SP Entity ID)', CERTIFICATE.fingerprint.replaceAll(':', ' '), CERTIFICATE.pem.trim()]) expect(text).toContain(part)
    for (const part of ['## In Google Workspace', 'OpenID Connect', ' <b>']) expect(text).not.toContain(part)
  })

  test('has every product where none is known, and OIDC has its own addresses', async () => {
    const text = await written({ protocol: 'oidc', idp: 'something else', certificate: null })
    for (const part of ['In Okta', 'In Microsoft Entra ID', 'In Google Workspace', 'In PingOne', 'In AD FS', 'In Keycloak']) expect(text).toContain(`## ${part}`)
    expect(text).toContain('https://app.vendor.example/sso/acme/main/callback')
    expect(text).not.toContain('/acs')
    const saml = await written({ idp: '', certificate: null, fingerprint: null, expires_at: null })
    for (const part of ['In Okta', 'In Microsoft Entra ID', 'In Google Workspace', 'In PingOne', 'In AD FS', 'In Keycloak']) expect(saml).toContain(`## ${part}`)
  })
})
