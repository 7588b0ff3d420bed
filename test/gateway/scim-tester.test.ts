import { beforeAll, describe, expect, test } from 'vitest'
import { scimTransport } from '../../src/adapters/scim-transport.ts'
import { CHECKS } from '../../src/identity/scim/tester/checks/index.ts'
import { testScim } from '../../src/identity/scim/tester/run.ts'
import { type Dialect, DIALECTS } from '../../src/identity/scim/tester/tester.ts'
import { hashOf } from '../../src/identity/scim/token.ts'
import { FAULTS, proxyOf } from '../identity/scim/faults.ts'
import { TOKEN } from '../identity/scim/scimmy.ts'
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

describe('before the gateway stands something with a fault', () => {
  const here = (dialect: Dialect, found: readonly string[]) => CHECKS.filter((one) => found.includes(one.id) && (one.dialects === undefined || one.dialects.includes(dialect))).map(({ id }) => id)
  /** What shows here, and not with a server that has no versions. */
  const also: Readonly<Record<string, readonly string[]>> = { 'pages as HTML': ['versions'] }

  test.each(Object.entries(FAULTS))('the tester finds %s, and nothing that is not there', async (name, { fault, found }) => {
    const all = [...found, ...(also[name] ?? [])]
    // As the dialect in which most of it shows; scimmy-routers is asked in all of them.
    const [dialect] = DIALECTS.toSorted((a, b) => here(b, all).length - here(a, all).length)
    const { id, url } = await gateway.tenant(`fault-${Object.keys(FAULTS).indexOf(name)}`)
    await gateway.query('DELETE FROM scim_tokens WHERE token_hash = $1', [hashOf(TOKEN)])
    await gateway.query('UPDATE scim_tokens SET token_hash = $2 WHERE tenant_id = $1', [id, hashOf(TOKEN)])
    const proxy = await proxyOf({ url }, fault())
    const { transport, close } = scimTransport(proxy.url, {})
    const report = await testScim({ url: proxy.url, token: TOKEN, dialect: dialect as Dialect, transport, domain: 'customer.example', now: new Date().toISOString() }).finally(async () => {
      await close()
      await proxy.close()
    })
    const failed = report.findings.filter(({ verdict }) => verdict === 'fail').map((one) => one.id)
    expect(failed.toSorted()).toEqual(here(dialect as Dialect, all).toSorted())
  })
})
