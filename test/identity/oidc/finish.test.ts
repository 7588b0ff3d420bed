import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttp } from '../../../src/adapters/http.ts'
import { Secret } from '../../../src/contract.ts'
import { LoginRefused } from '../../../src/identity/login/types.ts'
import { finishLogin } from '../../../src/identity/oidc/finish.ts'
import { createProviders, type Providers } from '../../../src/identity/oidc/provider.ts'
import { oidcUrls } from '../../../src/identity/oidc/urls.ts'
import { scriptedProvider, type ScriptedProvider } from '../../support/scripted-openid.ts'

const { http, close } = createHttp({ allow: ['127.0.0.1'], env: {} })
let provider: ScriptedProvider
let providers: Providers
beforeAll(async () => {
  provider = await scriptedProvider()
  providers = createProviders(http)
})
afterAll(() => Promise.all([provider.close(), close()]))

/** A login that was issued now and ends in five minutes, judged at another time. */
async function judged(seconds_later: number, clock_skew_s = 60) {
  const real = Math.floor(Date.now() / 1000)
  const claims = { iss: provider.issuer, aud: 'crm', sub: 'ada-1', nonce: 'n', sid: 'laptop', iat: real, exp: real + 300, email: 'ada@acme.example', email_verified: true, name: 'Ada', roles: ['x', 'y'] }
  const id_token = await provider.sign(claims)
  provider.script.token = () => ({ body: { access_token: 'a', token_type: 'Bearer', id_token } })
  const mapping = { email: ['email'], name: ['name'], role_default: 'viewer' } as const
  const settings = { issuer: provider.issuer, client_id: 'crm', scopes: ['openid'], clock_skew_s, jit: true, email_verified: 'required' } as const
  return finishLogin(providers, {
    connection: { id: 'c', tenant_id: 't', slug: 'acme', name: 'corp', enabled: true, mapping, protocol: 'oidc', settings },
    urls: oidcUrls('http://127.0.0.1', 'acme', 'corp'), parameters: new URLSearchParams({ code: 'c', state: '_1' }), secret: new Secret('s'),
    begun: { id: '_1', purpose: 'login', return_to: null, detail: { nonce: 'n', verifier: 'v'.repeat(43) } },
    now: new Date((real + seconds_later) * 1000),
  })
}
const code = (work: Promise<unknown>) => work.then(() => 'in', (error: unknown) => (error instanceof LoginRefused ? error.code : error))

describe('finishLogin', () => {
  it('gives subject, session, the token for a logout, and attributes as lists of text', async () => {
    expect(await judged(0)).toMatchObject({
      subject: 'ada-1', session_index: 'laptop', id_token: expect.stringMatching(/^ey/), request: { id: '_1' },
      attributes: { sub: ['ada-1'], email: ['ada@acme.example'], email_verified: ['true'], name: ['Ada'], roles: ['x', 'y'] },
    })
  })

  it.each([
    [299, 60, 'in'], [350, 60, 'in'], [370, 60, 'expired'], [86_400, 60, 'expired'], [310, 0, 'expired'],
    [-50, 60, 'in'], [-70, 60, 'issued-in-future'], [-86_400, 60, 'issued-in-future'], [-5, 0, 'issued-in-future'],
  ])('judges by the time it is given: %i s later, with clocks that may be %i s apart: %s', async (later, skew, expected) => {
    expect(await code(judged(later, skew))).toBe(expected)
  })
})
