import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttp } from '../../src/adapters/http.ts'
import { createTls } from '../../src/adapters/tls.ts'
import { createAuthority, serve } from '../support/tls.ts'

const authority = createAuthority()
const good = authority.certificate('IP:127.0.0.1', -1, 90)
let plain: Awaited<ReturnType<typeof serve>>
let other: Awaited<ReturnType<typeof serve>>
let secure: Awaited<ReturnType<typeof serve>>
const seen: { url: string | undefined; secret: string | undefined }[] = []

beforeAll(async () => {
  other = await serve((request, response) => {
    seen.push({ url: request.url, secret: request.headers['x-key'] as string | undefined })
    response.end('other')
  })
  plain = await serve((request, response) => {
    seen.push({ url: request.url, secret: request.headers['x-key'] as string | undefined })
    if (request.url === '/away') return void response.writeHead(302, { location: `${other.url}/there` }).end()
    if (request.url === '/here') return void response.writeHead(302, { location: '/' }).end()
    if (request.url === '/local') return void response.writeHead(302, { location: 'http://[::1]:9/' }).end()
    if (request.url === '/big') return void response.end('x'.repeat(3_000_000))
    if (request.url === '/hang') return
    response.setHeader('set-cookie', ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2'])
    response.end(`hello ${request.method}`)
  })
  secure = await serve((_request, response) => void response.end('safe'), good)
})
afterAll(async () => {
  for (const one of [plain, other, secure]) await one.close()
  authority.remove()
})

const settings = { allow: ['127.0.0.1'], env: { KEY: 's3cret-value' }, ca: [authority.ca] }
const ask = (url: string, more: object = {}, given: object = {}) => {
  const { http, close } = createHttp({ ...settings, ...given })
  return http({ url, method: 'GET', timeout_ms: 2000, redirects: 0, ...more }).finally(close)
}

describe('http', () => {
  test('gives status, headers, each cookie, body and address', async () => {
    const answer = await ask(plain.url)
    expect(answer).toMatchObject({ status: 200, body: 'hello GET', address: '127.0.0.1', cookies: ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2'] })
    expect(answer.ms).toBeGreaterThan(0)
  })
  test('a private address is refused before anything is sent, a redirect to one too', async () => {
    const before = seen.length
    await expect(ask(plain.url, {}, { allow: [] })).rejects.toMatchObject({ kind: 'forbidden', code: 'private-address' })
    expect(seen.length).toBe(before)
    await expect(ask(`${plain.url}/local`, { redirects: 3 })).rejects.toMatchObject({ code: 'private-address' })
  })
  test('an untrusted workspace asks nobody', async () => {
    await expect(ask(plain.url, {}, { refused: async () => 'it is not trusted' })).rejects.toMatchObject({ kind: 'forbidden', code: 'untrusted' })
  })
  test('redirects are followed only where asked, and a secret does not go along to another host', async () => {
    expect((await ask(`${plain.url}/here`)).status).toBe(302)
    expect((await ask(`${plain.url}/here`, { redirects: 1 })).body).toBe('hello GET')
    seen.length = 0
    const answer = await ask(`${plain.url}/away`, { redirects: 1, secret_headers: { 'x-key': { env: 'KEY' } } })
    expect(answer.url).toBe(`${other.url}/there`)
    expect(seen).toEqual([{ url: '/away', secret: 's3cret-value' }, { url: '/there', secret: undefined }])
  })
  test('a credential that is not there is named, not its value', async () => {
    await expect(ask(plain.url, { secret_headers: { 'x-key': { env: 'NO_SUCH' } } })).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('NO_SUCH') })
  })
  test('too much is cut, too slow is ended, no address and no server are told apart', async () => {
    expect((await ask(`${plain.url}/big`)).body.length).toBe(1024 * 1024)
    await expect(ask(`${plain.url}/hang`, { timeout_ms: 200 })).rejects.toMatchObject({ kind: 'unreachable', code: 'timeout' })
    await expect(ask('ftp://x.example')).rejects.toMatchObject({ kind: 'invalid', code: 'no-address' })
    const gone = await serve(() => undefined)
    await gone.close()
    await expect(ask(gone.url)).rejects.toMatchObject({ kind: 'unreachable', code: 'no-answer' })
  })
  test('https with a certificate that is trusted, and with one that is not', async () => {
    expect((await ask(secure.url)).body).toBe('safe')
    await expect(ask(secure.url, {}, { ca: undefined })).rejects.toMatchObject({ kind: 'unreachable', code: 'no-answer' })
  })
  test('a proxy is asked for what NO_PROXY does not name', async () => {
    const proxy = await serve((request, response) => void response.end(`proxied ${request.url}`))
    const env = { HTTP_PROXY: proxy.url }
    // A connection to the proxy is a CONNECT, which this one refuses: nothing reached the server itself.
    const before = seen.length
    await ask('http://inner.example/x', {}, { env, allow: [] }).catch(() => undefined)
    expect(seen.length).toBe(before)
    expect((await ask(plain.url, {}, { env: { ...env, NO_PROXY: '127.0.0.1' } })).body).toBe('hello GET')
    await proxy.close()
  })
})

describe('tls', () => {
  const shake = createTls(settings)
  const at = (port: number, more = {}) => ({ host: '127.0.0.1', port, timeout_ms: 2000, ...more })
  test('says the version and the lifetime of a good certificate', async () => {
    const answer = await shake(at(secure.port))
    expect(answer).toMatchObject({ connected: true, version: 'TLSv1.3', problem: null })
  })
  test('says what is wrong with a certificate that nobody trusts', async () => {
    expect(await createTls({ allow: ['127.0.0.1'] })(at(secure.port))).toMatchObject({ connected: true, problem: expect.stringMatching(/UNABLE|SELF/) })
  })
  test('an old version is really offered: refused by a server of today, taken by one of yesterday', async () => {
    const old = await serve((_request, response) => void response.end(), { ...good, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' })
    expect(await shake(at(old.port, { version: 'TLSv1' }))).toMatchObject({ connected: true, version: 'TLSv1' })
    expect(await shake(at(secure.port, { version: 'TLSv1' }))).toMatchObject({ connected: false, local: false })
    expect(await shake(at(secure.port, { version: 'TLSv1.1' }))).toMatchObject({ connected: false, local: false })
    await old.close()
  })
  test('no server, a silent one and one without TLS', async () => {
    const gone = await serve(() => undefined)
    await gone.close()
    await expect(shake(at(gone.port))).rejects.toMatchObject({ kind: 'unreachable' })
    expect(await shake(at(plain.port))).toMatchObject({ connected: false })
    await expect(createTls({ allow: [] })(at(secure.port))).rejects.toMatchObject({ code: 'private-address' })
  })
})
