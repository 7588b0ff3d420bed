import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttp } from '../../src/adapters/http.ts'
import { watchingClock } from '../../src/cli/sso/clocks.ts'

const http = createHttp({ allow: ['127.0.0.1'], env: {} })
let date: string | undefined = ''
const server = createServer((_request, response) => {
  response.sendDate = false
  if (date !== undefined) response.setHeader('date', date)
  response.end('{}')
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(async () => {
  await http.close()
  server.close()
})

const seen = async (at: string | undefined) => {
  date = at
  const clock = watchingClock(http.http)
  await clock.fetch({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, method: 'GET', timeout_ms: 2000, redirects: 0 })
  return clock
}
const NOW = '2026-12-01T09:00:00Z'

test.each([
  ['an hour ahead', 'Tue, 01 Dec 2026 10:00:00 GMT', '3600 s ahead of'],
  ['six minutes behind', 'Tue, 01 Dec 2026 08:54:00 GMT', '360 s behind'],
])('a provider whose clock is %s is refused, and told by how much', async (_what, at, said) => {
  const clock = await seen(at)
  expect(() => clock.mustAgree(NOW)).toThrow(expect.objectContaining({ kind: 'verification', code: 'clock-skew', message: expect.stringContaining(said) }))
})

test.each([['four minutes', 'Tue, 01 Dec 2026 09:04:00 GMT'], ['nothing that is a time', 'soon'], ['nothing', undefined]])('%s is no reason', async (_what, at) => {
  const clock = await seen(at)
  expect(() => clock.mustAgree(NOW)).not.toThrow()
})

test('whoever was not asked is not wrong', () => {
  expect(() => watchingClock(http.http).mustAgree(NOW)).not.toThrow()
})
