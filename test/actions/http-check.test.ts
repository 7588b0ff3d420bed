import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import action from '../../src/actions/http/check.ts'
import { createHttp } from '../../src/adapters/http.ts'
import type { Reader } from '../../src/contract.ts'
import type { OnboardError } from '../../src/errors.ts'

let server: Server
let base = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/away') return void response.writeHead(302, { location: '/health' }).end()
    if (request.url === '/slow') return
    if (request.url === '/broken') return void response.writeHead(503).end('no')
    response.writeHead(200, { 'content-type': 'application/json', 'x-method': request.method ?? '' }).end(request.method === 'HEAD' ? undefined : '{"status":"ok"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Looks over a real network, of which loopback is allowed or not. */
async function look(input: object, allow: readonly string[] = ['127.0.0.1']) {
  const { http, close } = createHttp({ allow, env: {} })
  try {
    return await action.probe({ http } as Reader, input as never)
  } finally {
    await close()
  }
}

test('a good answer passes, and says from where', async () => {
  const input = { url: `${base}/health`, headers: { 'Content-Type': 'json' }, contains: '"ok"' }
  const evidence = await look(input)
  expect(evidence).toMatchObject({ result: 'pass', data: { status: 200, address: '127.0.0.1' } })
  expect(action.outputs(input as never, evidence)).toMatchObject({ status: 200, url: `${base}/health`, address: '127.0.0.1', ms: expect.any(Number) })
  expect(await look({ url: `${base}/health`, method: 'HEAD', headers: { 'x-method': 'HEAD' } })).toMatchObject({ result: 'pass' })
})

describe('everything that is wrong is named', () => {
  test('status, header and text', async () => {
    expect(await look({ url: `${base}/broken`, headers: { 'content-type': 'json' }, contains: 'ok' })).toMatchObject({
      result: 'fail', summary: `status: 503, not 200; content-type: is not there; text: 'ok' is not in the answer`,
    })
  })
  test('a redirect is an answer, unless it is to be followed', async () => {
    expect(await look({ url: `${base}/away` })).toMatchObject({ result: 'fail', summary: 'status: 302, not 200' })
    expect(await look({ url: `${base}/away`, status: [301, 302] })).toMatchObject({ result: 'pass' })
    expect(await look({ url: `${base}/away`, redirects: 1 })).toMatchObject({ result: 'pass', data: { url: `${base}/health` } })
  })
  test('no answer in time, and nobody there', async () => {
    expect(await look({ url: `${base}/slow`, timeout: 1 })).toMatchObject({ result: 'fail', summary: expect.stringContaining('did not answer within 1 s') })
    expect(await look({ url: 'http://127.0.0.1:9/' })).toMatchObject({ result: 'fail', summary: expect.stringContaining('cannot be asked') })
  })
})

test.each([
  ['a private address', { url: 'http://10.0.0.1/' }, 'private-address'], ['this machine', { url: 'http://localhost/' }, 'private-address'], ['the clouds’ metadata', { url: 'http://169.254.169.254/latest' }, 'private-address'],
  ['a file', { url: 'file:///etc/passwd' }, 'no-address'], ['a text of HEAD', { url: 'https://app.vendor.example', method: 'HEAD', contains: 'x' }, 'head-has-no-text'],
])('%s is refused, not failed', async (_title, input, code) => {
  const error = await look(input, []).then(() => { throw new Error('it was asked') }, (e: OnboardError) => e)
  expect(error).toMatchObject({ code })
})
