import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import endpoint from '../../src/actions/scim/endpoint.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, openAcme, type World } from '../support/world.ts'

const input = {
  tenant: 'acme', app_url: 'https://app.vendor.example/login', customer: 'Acme | <b>GmbH</b>', directory: 'okta', role_default: 'member',
  groups: [{ group: 'Acme Admins', role: 'admin' }], token_ends: '2027-03-01T09:00:00Z',
}

actionLaws('scim.endpoint', {
  'a first one': { input, given: openAcme },
  'another address': {
    input,
    given: async (world) => {
      await openAcme(world)
      await world.apply(endpoint as never, { ...input, app_url: 'https://before.vendor.example' })
    },
  },
})

describe('the sheet', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await openAcme(world)
  })
  afterAll(() => world.close())
  const written = async (more: object) => {
    const { outputs } = await world.apply(endpoint as never, { ...input, ...more })
    const [row] = await world.sql<{ text: string }>(`SELECT convert_from(bytes, 'UTF8') AS text FROM onboard.evidence WHERE digest = $1`, [(outputs as { digest: string }).digest])
    return { outputs, text: row?.text ?? '' }
  }

  test('says the address, each click in the customer\'s directory, and what each group gives', async () => {
    const { outputs, text } = await written({})
    expect(outputs).toMatchObject({ name: 'scim-connector', url: 'https://app.vendor.example/scim/v2/acme' })
    for (const part of ['https://app.vendor.example/scim/v2/acme', '## In Okta', 'Push Profile Updates', '| Acme Admins | admin |', '| none of these | member |', 'Monday, 1 March 2027']) expect(text).toContain(part)
    expect(text).not.toContain('## In Microsoft Entra ID')
    expect(text).not.toMatch(/[^\\]<b>/)
  })

  test.each([['Azure AD', false, true], ['entra', false, true], ['', true, true], ['OneLogin', true, true], ['okta', true, false]])('of the directory %j it describes Okta: %j, Entra ID: %j', async (directory, okta, entra) => {
    const { text } = await written({ directory, groups: [], token_ends: null })
    expect([text.includes('## In Okta'), text.includes('## In Microsoft Entra ID')]).toEqual([okta, entra])
    expect(text.includes('https://app.vendor.example/scim/v2/acme?aadOptscim062020')).toBe(entra)
    expect(text).toContain('has the role member')
  })

  test('an address that is none is refused before anything is written', async () => {
    await expect(written({ app_url: 'app.vendor.example' })).rejects.toMatchObject({ code: 'bad-url' })
  })
})
