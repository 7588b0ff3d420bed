import { afterAll, beforeAll, expect, test } from 'vitest'
import action from '../../src/actions/scim/sync-test.ts'
import { createHttp } from '../../src/adapters/http.ts'
import type { Reader } from '../../src/contract.ts'
import { testGateway, type TestGateway } from '../gateway/support.ts'
import { scimmyServer, TOKEN, type Endpoint } from '../identity/scim/scimmy.ts'

let gateway: TestGateway
let other: Endpoint
beforeAll(async () => {
  gateway = await testGateway()
  other = await scimmyServer()
})
afterAll(() => other.close())

async function look(input: object, env: Record<string, string>) {
  const { http, close } = createHttp({ allow: ['127.0.0.1'], env })
  const read = { http, onboarding: { id: '', key: 'acme' } } as Reader
  return action.probe(read, { dialect: 'rfc', domain: 'customer.example', ...input } as never).finally(close)
}

test('an endpoint that does all that a directory asks of it passes, and keeps no test user', async () => {
  const { url, token, id } = await gateway.tenant('acme')
  const evidence = await look({ url: `${url}/`, token_env: 'ACME_TOKEN', dialect: 'entra' }, { ACME_TOKEN: token })
  expect(evidence).toMatchObject({ result: 'pass', summary: expect.stringMatching(/^\d+ checks passed as entra$/) })
  expect(action.outputs({} as never, evidence)).toMatchObject({ passed: expect.any(Number), warned: 0 })
  expect(JSON.stringify(evidence)).not.toContain(token)
  expect(await gateway.query('SELECT 1 FROM users WHERE tenant_id = $1', [id])).toEqual([])
})

test('what is wrong with another one is named, by its checks', async () => {
  const evidence = await look({ url: other.url, token_env: 'THEIR_TOKEN' }, { THEIR_TOKEN: TOKEN })
  expect(evidence).toMatchObject({ result: 'fail', summary: expect.stringContaining('bad-filter: answered 200, not 400') })
  expect(JSON.stringify(evidence)).not.toContain(TOKEN)
})

test('without a token nothing was looked at, and the variable is named; one that is not taken is an error', async () => {
  const { url } = await gateway.tenant('borealis')
  await expect(look({ url, token_env: 'NO_TOKEN' }, {})).resolves.toMatchObject({ result: 'not_checked', reason: expect.stringContaining('NO_TOKEN'), next: 'onboard apply acme' })
  await expect(look({ url, token_env: 'OLD_TOKEN' }, { OLD_TOKEN: 'x' })).rejects.toMatchObject({ code: 'scim-token-refused' })
})
