import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import headers from '../../src/actions/headers/check.ts'
import latency from '../../src/actions/latency/check.ts'
import smoke from '../../src/actions/smoke/check.ts'
import tls from '../../src/actions/tls/check.ts'
import { createHttp } from '../../src/adapters/http.ts'
import { createTls } from '../../src/adapters/tls.ts'
import type { Threshold } from '../../src/model.ts'
import { testDatabase } from '../support/database.ts'
import { createAuthority, serve } from '../support/tls.ts'
import { createWorld, type World } from '../support/world.ts'

const authority = createAuthority()
const settings = { allow: ['127.0.0.1'], env: { TOKEN: 'abc' }, ca: [authority.ca] }
const { http, close } = createHttp(settings)
const response: Threshold = { id: 'response_p95', title: 'Response time', good: 'low', target: 500, alert: 1000, unit: 'ms', window_ms: null, min_samples: 20 }
const servers: { close(): Promise<void> }[] = []
const start = async (...given: Parameters<typeof serve>) => {
  const server = await serve(...given)
  servers.push(server)
  return server
}
let world: World
beforeAll(async () => {
  world = await createWorld(await testDatabase(), undefined, undefined, { http, tls: createTls(settings), thresholds: [response] })
})
afterAll(async () => {
  await world.close()
  await close()
  for (const server of servers) await server.close()
  authority.remove()
})
const look = <I>(action: { probe(read: never, input: I): Promise<unknown> }, input: I) => world.reading((read) => action.probe(read as never, input))
const saying = (...texts: string[]) => expect.stringMatching(texts.map((text) => `(?=.*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`).join(''))

const answer: RequestListener = (_request, reply) => void reply.end('ok')

describe('tls.check', () => {
  const secure = (from = -10, until = 90, more = {}) => start(answer, { ...authority.certificate('IP:127.0.0.1', from, until), ...more })
  const closed = 1 // nothing listens there on loopback
  const check = async (server: { url: string }, plain_port = closed) => look(tls, { url: server.url, plain_port })

  test('a server of today passes: nothing old, nothing in the clear', async () => {
    expect(await check(await secure())).toMatchObject({ result: 'pass', data: { version: 'TLSv1.3' } })
  })
  test('old TLS is found out, though Node would not speak it by itself', async () => {
    const old = await secure(-10, 90, { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' })
    expect(await check(old)).toMatchObject({ result: 'fail', summary: saying('TLSv1: is still spoken', 'TLSv1.1: is still spoken') })
  })
  test.each([
    [-10, 90, 'pass', 'of its lifetime'],
    [-80, 20, 'warn', '% left'],
    [-5, 1, 'warn', '% left'], // of six days, one left
    [-95, 5, 'fail', '4 % left'],
    [-20, -1, 'fail', 'expired on'],
  ] as const)('a certificate of %i to %i days: %s', async (from, until, result, said) => {
    const seen = (await check(await secure(from, until))) as { result: string; summary: string }
    expect(seen.result).toBe(result)
    if (result !== 'pass') expect(seen.summary).toContain(said)
  })
  test('another name, and an authority that nobody knows, fail', async () => {
    const other = await start(answer, authority.certificate('DNS:other.example', -1, 90))
    expect(await check(other)).toMatchObject({ result: 'fail', summary: saying('certificate') })
    const stranger = createAuthority()
    const unknown = await start(answer, stranger.certificate('IP:127.0.0.1', -1, 90))
    stranger.remove()
    expect(await check(unknown)).toMatchObject({ result: 'fail', summary: saying('certificate: ') })
  })
  test.each([
    [301, 'https://127.0.0.1/', 'pass'],
    [308, 'https://127.0.0.1/x', 'pass'],
    [302, 'https://127.0.0.1/', 'fail'],
    [301, 'https://elsewhere.example/', 'fail'],
    [301, 'http://127.0.0.1/', 'fail'],
    [200, undefined, 'fail'],
  ] as const)('http answers %i to %s: %s', async (status, location, result) => {
    const plain = await start((_request, reply) => void reply.writeHead(status, location === undefined ? {} : { location }).end())
    expect(await check(await secure(), plain.port)).toMatchObject({ result })
  })
  test('an address without TLS, and one that is no https address', async () => {
    const plain = await start(answer)
    expect(await look(tls, { url: `https://127.0.0.1:${plain.port}`, plain_port: closed })).toMatchObject({ result: 'fail', summary: saying('there is no TLS') })
    expect(await look(tls, { url: plain.url, plain_port: closed })).toMatchObject({ result: 'fail', summary: saying('no https address') })
  })
  test('an old version that cannot be offered from here is not checked, never passed', async () => {
    const local = await createWorld(world.database, undefined, undefined, {
      http, tls: async (asked) => (asked.version === undefined ? createTls(settings)(asked) : { connected: false, reason: 'no protocols available', local: true }),
    })
    const server = await secure()
    expect(await local.reading((read) => tls.probe(read, { url: server.url, plain_port: closed }))).toMatchObject({ result: 'not_checked', reason: saying('cannot be offered from here') })
    await local.close()
  })
})

describe('headers.check', () => {
  const safe = {
    'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
    'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'set-cookie': ['session=abc; Path=/; Secure; HttpOnly; SameSite=Lax'],
  }
  const check = async (headers_: Record<string, string | string[] | undefined>, session_cookie = 'session') => {
    const server = await start((_request, reply) => {
      for (const [name, value] of Object.entries(headers_)) if (value !== undefined) reply.setHeader(name, value)
      reply.end('ok')
    })
    return look(headers, { url: server.url, session_cookie })
  }
  test('all there: A', async () => expect(await check(safe)).toMatchObject({ result: 'pass', data: { grade: 'A', score: 100 } }))
  test.each([
    [{ 'strict-transport-security': undefined }, 'fail', 'Strict-Transport-Security: is missing'],
    [{ 'strict-transport-security': 'max-age=100' }, 'fail', 'less than half a year'],
    [{ 'strict-transport-security': 'max-age=15552000; includeSubDomains' }, 'warn', 'less than a year'],
    [{ 'strict-transport-security': 'max-age=31536000' }, 'warn', 'includeSubDomains'],
    [{ 'content-security-policy': "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'" }, 'fail', "'unsafe-inline'"],
    [{ 'content-security-policy': "default-src 'self'; script-src 'self' 'unsafe-eval'; frame-ancestors 'none'" }, 'fail', "'unsafe-eval'"],
    [{ 'content-security-policy': "img-src 'self'; frame-ancestors 'none'" }, 'fail', 'neither script-src nor default-src'],
    [{ 'content-security-policy': 'default-src *; frame-ancestors *' }, 'fail', 'from anywhere'],
    [{ 'content-security-policy': "default-src 'self'" }, 'fail', 'neither frame-ancestors nor X-Frame-Options'],
    [{ 'x-content-type-options': 'sniff' }, 'fail', 'is sniff'],
    [{ 'referrer-policy': 'unsafe-url' }, 'fail', 'tells other sites too much'],
    [{ 'set-cookie': ['session=abc; Path=/'] }, 'fail', 'lacks Secure, HttpOnly, SameSite'],
    [{ 'set-cookie': ['session=abc; Secure; HttpOnly; SameSite=None'] }, 'fail', 'lacks SameSite'],
  ] as const)('%o: %s', async (change, result, said) => {
    expect(await check({ ...safe, ...change } as never)).toMatchObject({ result, summary: expect.stringContaining(said) })
  })
  test('a nonce makes inline scripts harmless; X-Frame-Options is enough', async () => {
    expect(await check({ ...safe, 'content-security-policy': "script-src 'nonce-r4nd0m' 'unsafe-inline'", 'x-frame-options': 'DENY' })).toMatchObject({ result: 'pass' })
  })
  test('a cookie that the page does not set is not checked', async () => {
    expect(await check({ ...safe, 'set-cookie': undefined })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('does not set it') })
  })
  test('an error page says nothing of the product’s headers', async () => {
    const broken = await start((_request, reply) => void reply.writeHead(502).end())
    expect(await look(headers, { url: broken.url })).toMatchObject({ result: 'not_checked' })
  })
})

describe('latency.check', () => {
  const check = (url: string, threshold = 'response_p95') => look(latency, { url, samples: 20, threshold })
  test('a fast server is on target, and every request was sent', async () => {
    let asked = 0
    const server = await start((_request, reply) => void (asked++, reply.end('ok')))
    expect(await check(server.url)).toMatchObject({ result: 'pass', data: { samples: 20 } })
    expect(asked).toBe(21)
  })
  test('two slow answers of twenty are past the 95th percentile, one is not', async () => {
    const slow = (times: number) => {
      let asked = 0
      return start((_request, reply) => void setTimeout(() => reply.end('ok'), asked++ >= 1 && asked <= times + 1 ? 600 : 0))
    }
    expect(await check((await slow(2)).url)).toMatchObject({ result: 'warn' })
    expect(await check((await slow(1)).url)).toMatchObject({ result: 'pass' })
  }, 20_000)
  test('an error is no response time; a threshold that is not there is said', async () => {
    const broken = await start((_request, reply) => void reply.writeHead(500).end())
    expect(await check(broken.url)).toMatchObject({ result: 'fail', summary: expect.stringContaining('500') })
    expect(await check(broken.url, 'speed')).toMatchObject({ result: 'not_checked' })
  })
})

describe('smoke.check', () => {
  const server = () => start((request, reply) => {
    if (request.url === '/denied') return void reply.writeHead(request.headers.authorization === 'Bearer abc' ? 200 : 401).end()
    reply.writeHead(request.url === '/broken' ? 503 : 200).end('Welcome')
  })
  test('each that fails is named', async () => {
    const { url } = await server()
    expect(await look(smoke, { requests: [{ name: 'Home', url, contains: 'Welcome' }, { name: 'API', url: `${url}/denied`, token_env: 'TOKEN' }] })).toMatchObject({ result: 'pass', data: { answered: ['Home', 'API'] } })
    expect(await look(smoke, { requests: [{ name: 'Home', url, contains: 'Hello' }, { name: 'Export', url: `${url}/broken` }, { name: 'API', url: `${url}/denied`, status: 401 }] }))
      .toMatchObject({ result: 'fail', summary: "Home: its answer does not have 'Hello'; Export: answers 503, not 200" })
  })
  test('without requests, and for an integration without one, nothing is said to pass', async () => {
    expect(await look(smoke, {})).toMatchObject({ result: 'not_checked' })
    expect(await look(smoke, { requests: null, must: ['Salesforce'] })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('Salesforce') })
  })
  test('only what must be tried is tried', async () => {
    const { url } = await server()
    const requests = [{ name: 'Salesforce', url }, { name: 'SAP', url: `${url}/broken` }]
    expect(await look(smoke, { requests, must: ['Salesforce'] })).toMatchObject({ result: 'pass' })
  })
  test('no answer is a failure; a credential that is not there has tried nothing', async () => {
    const gone = await serve(answer)
    await gone.close()
    expect(await look(smoke, { requests: [{ name: 'Home', url: gone.url }] })).toMatchObject({ result: 'fail', summary: expect.stringContaining('Home: ') })
    expect(await look(smoke, { requests: [{ name: 'Home', url: gone.url, token_env: 'NONE' }] })).toMatchObject({ result: 'not_checked', reason: expect.stringContaining('NONE') })
    await expect(look(smoke, { requests: [{ name: 'Inner', url: 'http://10.0.0.1/' }] })).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

test('without a page in the config nothing is said to pass', async () => {
  for (const seen of [await look(tls, { plain_port: 80 }), await look(headers, {}), await look(latency, { samples: 20, threshold: 'response_p95' })]) {
    expect(seen).toEqual({ result: 'not_checked', reason: 'the config names no page to look at (probes.url)' })
  }
})
