import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../../src/adapters/http.ts'
import { OnboardError } from '../../../src/errors.ts'
import { discover } from '../../../src/identity/oidc/discovery.ts'
import { createKeys } from '../../../src/identity/oidc/keys.ts'
import { createProviders } from '../../../src/identity/oidc/provider.ts'
import { scriptedProvider, type ScriptedProvider } from '../../support/scripted-openid.ts'

const allowed = createHttp({ allow: ['127.0.0.1', 'localhost'], env: {} })
const guarded = createHttp({ allow: [], env: {} })
let provider: ScriptedProvider

beforeAll(async () => {
  provider = await scriptedProvider()
})
beforeEach(() => provider.reset())
afterAll(() => Promise.all([provider.close(), allowed.close(), guarded.close()]))

const failure = async (work: Promise<unknown>) => {
  const error = await work.then(() => undefined, (one: unknown) => one)
  if (!(error instanceof OnboardError)) throw new Error(`no OnboardError: ${String(error)}`)
  return { kind: error.kind, code: error.code, message: error.message }
}
const ask = (issuer = provider.issuer) => discover(issuer, { fetch: allowed.http })

describe('discover', () => {
  it('gives what a login needs, and of the signatures only those that the provider alone can make', async () => {
    expect(await ask()).toMatchObject({
      issuer: provider.issuer, token_endpoint: `${provider.issuer}/token`, end_session_endpoint: `${provider.issuer}/end`,
      signatures: ['RS256', 'ES256'], names_issuer: false, backchannel_logout: true,
    })
  })

  it.each([
    ['login.customer.example', 'it is an address such as https://'],
    ['', 'it is an address such as https://'],
    ['http://login.customer.example', 'it begins with https://'],
    ['ftp://127.0.0.1', 'it begins with https://'],
    ['https://login.customer.example/?tenant=1', 'neither query, fragment nor user name'],
    ['https://ada:pw@login.customer.example', 'neither query, fragment nor user name'],
    ['https://login.customer.example/.well-known/openid-configuration', 'leave out /.well-known/openid-configuration'],
  ])('takes no issuer %j', async (issuer, why) => {
    const { kind, code, message } = await failure(ask(issuer))
    expect({ kind, code }).toEqual({ kind: 'invalid', code: 'bad-issuer' })
    expect(message).toContain(why)
  })

  const html = { headers: { 'content-type': 'text/html' }, body: '<!doctype html><h1>Sign in</h1>' }
  it.each([
    ['a web page', html, 'discovery-no-json', 'is a web page and no JSON'],
    ['nothing', { body: '' }, 'discovery-no-json', 'is no JSON'],
    ['a list', { body: [] }, 'discovery-no-json', 'is no JSON object'],
    ['a document of 2 MB', { body: { padding: 'x'.repeat(2_000_000) } }, 'discovery-too-large', 'more than 256 KiB'],
    ['a document of 300 kB', { body: { padding: 'x'.repeat(300_000) } }, 'discovery-too-large', 'more than 256 KiB'],
    [
      'a redirect inside', { status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' },
      'discovery-redirects', 'leads to http://169.254.169.254/',
    ],
    ['404', { status: 404, body: '' }, 'no-discovery', 'this is not the issuer, or it is no OpenID provider'],
    ['500', { status: 500, body: '' }, 'no-discovery', 'answers with 500'],
  ])('is not content with %s', async (_name, said, code, why) => {
    provider.script.wellKnown = said
    const found = await failure(ask())
    expect(found).toMatchObject({ kind: 'verification', code })
    expect(found.message).toContain(why)
    expect(provider.asked.size, 'asked nowhere else').toBe(1)
  })

  it.each([
    [
      'another issuer', { issuer: 'https://evil.example' }, 'issuer-disagrees',
      'says that it is of https://evil.example',
    ],
    ['no issuer', { issuer: undefined }, 'issuer-disagrees', 'does not say whose it is'],
    [
      'an issuer for every tenant', { issuer: 'https://login.example/{tenantid}/v2.0' }, 'issuer-disagrees',
      'the id of your own directory',
    ],
    ['no token endpoint', { token_endpoint: undefined }, 'no-endpoint', 'has no token_endpoint'],
    ['no keys', { jwks_uri: undefined }, 'no-endpoint', 'has no jwks_uri'],
    [
      'a token endpoint without TLS', { token_endpoint: 'http://idp.customer.example/token' }, 'plain-endpoint',
      'token_endpoint without TLS: http://idp.customer.example',
    ],
    [
      'an endpoint that is none', { authorization_endpoint: 'javascript:alert(1)' }, 'plain-endpoint',
      'authorization_endpoint',
    ],
    [
      'symmetric signatures only', { id_token_signing_alg_values_supported: ['HS256', 'none'] }, 'no-signature',
      'by HS256, none',
    ],
    ['the implicit flow only', { response_types_supported: ['id_token'] }, 'no-code-flow', 'authorization code flow'],
    ['PKCE without S256', { code_challenge_methods_supported: ['plain'] }, 'no-pkce', 'not by S256'],
  ])('is not content with %s', async (_name, configuration, code, why) => {
    provider.script.configuration = configuration
    const found = await failure(ask())
    expect(found).toMatchObject({ kind: 'verification', code })
    expect(found.message).toContain(why)
  })

  it('says so where only a slash at the end is another', async () => {
    provider.script.configuration = { issuer: `${provider.issuer}/` }
    expect((await failure(ask())).message).toContain('give it with that slash, or without, as it stands there')
  })

  it('lets no provider elsewhere name this machine', async () => {
    const at = (where: string) => ({
      authorization_endpoint: `${where}/a`, token_endpoint: `${where}/t`, jwks_uri: `${where}/k`,
    })
    const says = (where: string) => discover('https://login.acme.example', {
      fetch: async ({ url }) => ({
        status: 200, headers: {}, cookies: [], url, address: null, ms: 1,
        body: JSON.stringify({ issuer: 'https://login.acme.example', ...at(where) }),
      }),
    })
    expect(await says('https://login.acme.example')).toMatchObject({ issuer: 'https://login.acme.example' })
    expect(await failure(says('http://127.0.0.1:5432'))).toMatchObject({ kind: 'verification', code: 'plain-endpoint' })
  })

  it('asks no private address that the config has not allowed, by number or by name', async () => {
    for (const issuer of [
      provider.issuer, provider.issuer.replace('127.0.0.1', 'localhost'), 'https://10.0.0.1', 'https://[::1]',
      'https://169.254.169.254',
    ]) {
      expect(
        await failure(discover(issuer, { fetch: guarded.http })), issuer,
      ).toMatchObject({ kind: 'forbidden', code: 'private-address' })
    }
    expect(provider.asked.size).toBe(0)
  })

  it('says that nobody answers', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await failure(ask(`http://127.0.0.1:${port}`))).toMatchObject({ kind: 'unreachable', code: 'no-answer' })
  })
})

describe('what is kept of a provider', () => {
  it('is asked for again after ten minutes, and what failed at once', async () => {
    let ms = 0
    const providers = createProviders(allowed.http, () => ms)
    provider.script.wellKnown = html500
    await failure(providers.facts(provider.issuer))
    provider.script.wellKnown = null
    await providers.facts(provider.issuer)
    await providers.facts(provider.issuer)
    expect(provider.asked.get('/.well-known/openid-configuration')).toBe(2)
    ms = 10 * 60_000
    await providers.facts(provider.issuer)
    expect(provider.asked.get('/.well-known/openid-configuration')).toBe(3)
  })
  const html500 = { status: 500, body: '' }

  it('are keys: asked for again for one that is not among them, but not at anybody’s word', async () => {
    let ms = 0
    const keys = createKeys(allowed.http, () => ms)
    const uri = `${provider.issuer}/keys`
    const count = () => provider.asked.get('/keys')
    await keys.of(uri, 'first')
    await keys.of(uri, 'first')
    expect(count()).toBe(1)
    await keys.of(uri, 'unknown')
    expect(count()).toBe(2)
    for (let at = 0; at < 20; at++) await keys.of(uri, `made-up-${at}`, 10_000)
    expect(count(), 'within ten seconds').toBe(2)
    ms = 10_000
    await keys.of(uri, 'made-up', 10_000)
    expect(count(), 'after ten seconds').toBe(3)
  })

  it('never holds a symmetric key', async () => {
    const uri = `${provider.issuer}/keys`
    const shared = {
      kid: 'shared', alg: 'HS256', private: undefined as never, public: { kty: 'oct', kid: 'shared', k: 'AAAA' },
    }
    provider.script.keys = [shared, ...provider.script.keys]
    expect((await createKeys(allowed.http).of(uri, 'first')).keys.map((one) => one['kid'])).toEqual(['first'])
  })
})
