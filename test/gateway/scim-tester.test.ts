import { beforeAll, describe, expect, test } from 'vitest'
import { scimTransport } from '../../src/adapters/scim-transport.ts'
import { testScim } from '../../src/identity/scim/tester/run.ts'
import { DIALECTS } from '../../src/identity/scim/tester/tester.ts'
import { testGateway, type TestGateway } from './support.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await testGateway()
})

describe('the tester acts upon the gateway', () => {
  test.each(DIALECTS)('as %s, and nothing fails or warns', async (dialect) => {
    const { url, token } = await gateway.tenant(`acme-${dialect}`)
    const { transport, close } = scimTransport(url, {})
    const report = await testScim({ url, token, dialect, transport, domain: 'customer.example', now: new Date().toISOString() }).finally(close)
    const wrong = report.findings.filter(({ verdict }) => verdict !== 'pass').map(({ id, verdict, said, exchanges }) => ({ id, verdict, said, last: exchanges.at(-1) }))
    expect(wrong).toEqual([])
    expect(report.left).toEqual([])
  })
})
