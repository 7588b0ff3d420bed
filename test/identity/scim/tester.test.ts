import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { scimTransport } from '../../../src/adapters/scim-transport.ts'
import { OnboardError } from '../../../src/errors.ts'
import { CHECKS } from '../../../src/identity/scim/tester/checks/index.ts'
import { testScim } from '../../../src/identity/scim/tester/run.ts'
import { DIALECTS, type Dialect, type Report } from '../../../src/identity/scim/tester/tester.ts'
import { FAULTS, proxyOf, type Fault } from './faults.ts'
import { scimmyServer, TOKEN, type Endpoint } from './scimmy.ts'

let server: Endpoint
const own: Record<string, Report> = {}
let kept: unknown

beforeAll(async () => {
  server = await scimmyServer()
  for (const dialect of DIALECTS) own[dialect] = await tested(server.url, dialect)
  kept = [...server.kept].map(([type, all]) => [type, all.size])
})
beforeEach(() => server.empty())
afterAll(() => server.close())

/** A whole run; what the server holds after it is `kept`. */
async function tested(url: string, dialect: Dialect, token = TOKEN): Promise<Report> {
  const { transport, close } = scimTransport(url, {})
  return testScim({ url, token, dialect, transport, domain: 'customer.example', now: '2026-11-20T10:00:00Z' }).finally(close)
}

async function behind<T>(fault: Fault, work: (proxy: Awaited<ReturnType<typeof proxyOf>>) => Promise<T>): Promise<T> {
  const proxy = await proxyOf(server, fault)
  return work(proxy).finally(proxy.close)
}

const failed = (report: Report | undefined) => (report?.findings ?? []).filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)

describe('a server of somebody else', () => {
  // Each was looked at by hand against the paragraph that the check names (scimmy 1.3.5, scimmy-routers 1.3.2).
  const FAULTY = ['filter-user-name', 'bad-filter', 'add-members']

  test.each(DIALECTS)('what is wrong with scimmy-routers as %s is found, and nothing else', (dialect) => {
    const entra = dialect === 'entra' ? ['patch-new-element', 'patch-flat-keys', 'deactivate', 'reactivate'] : []
    expect(failed(own[dialect]).toSorted()).toEqual([...FAULTY, ...entra].toSorted())
  })

  test('every failure says what an administrator sees, and shows its requests', () => {
    for (const { findings } of Object.values(own)) {
      for (const finding of findings.filter(({ verdict }) => verdict === 'fail')) {
        expect(finding.admin).toMatch(/\w.*\.$/)
        expect(finding.said.length).toBeGreaterThan(0)
        expect(finding.exchanges.length).toBeGreaterThan(0)
      }
    }
  })

  test('the token is nowhere in a report', () => {
    expect(JSON.stringify(own)).not.toContain(TOKEN)
  })

  test('nothing is left behind', () => {
    expect(kept).toEqual([['User', 0], ['Group', 0]])
    expect(Object.values(own).flatMap(({ left }) => left)).toEqual([])
  })

  test('every check names a paragraph and has a name of its own', () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
    for (const { paragraph } of CHECKS) expect(paragraph).toMatch(/RFC \d{4} §\d|Entra ID/)
  })
})

describe.each(Object.entries(FAULTS))('a server with %s', (_name, { fault, found }) => {
  test.each(DIALECTS)('is found out as %s, and nothing else is reported', async (dialect) => {
    const report = await behind(fault(), ({ url }) => tested(url, dialect))
    const here = CHECKS.filter((one) => one.dialects === undefined || one.dialects.includes(dialect)).map(({ id }) => id)
    // A check that scimmy fails anyway says nothing about the fault.
    const before = failed(own[dialect])
    const wanted = found.filter((id) => here.includes(id) && !before.includes(id))
    expect(failed(report).filter((id) => !before.includes(id)).toSorted()).toEqual(wanted.toSorted())
  })
})

test('a server that asks for time is given it', async () => {
  let turn = 0
  const busy: Fault = { before: () => (++turn % 5 === 0 ? { status: 429, headers: { 'retry-after': '0' }, body: undefined } : undefined) }
  const report = await behind(busy, ({ url }) => tested(url, 'rfc'))
  expect(report.throttled).toBeGreaterThan(5)
  expect(failed(report)).toEqual(failed(own['rfc']))
})

test('a server that throttles without saying for how long is not waited for', async () => {
  const busy: Fault = { before: ({ path }) => (path === '/Schemas' ? { status: 429, headers: {}, body: undefined } : undefined) }
  const report = await behind(busy, ({ url }) => tested(url, 'rfc'))
  expect(failed(report)).toContain('schemas')
})

test('a token that is not taken is said at once, and nothing is made', async () => {
  const wrong = behind({}, async ({ url, seen }) => tested(url, 'rfc', 'wrong').finally(() => expect(seen.length).toBe(1)))
  await expect(wrong).rejects.toMatchObject({ kind: 'forbidden', code: 'scim-token-refused' })
})

test('an endpoint that does not answer is said to be unreachable', async () => {
  const wrong = tested('http://127.0.0.1:9/scim', 'rfc')
  await expect(wrong).rejects.toBeInstanceOf(OnboardError)
  await expect(wrong).rejects.toMatchObject({ kind: 'unreachable' })
})

test('a server that removes nobody: what is left is named, and a second run is not stopped by it', async () => {
  const stubborn: Fault = { before: ({ method }) => (method === 'DELETE' ? { status: 405, headers: {}, body: undefined } : undefined) }
  const twice = await behind(stubborn, async ({ url }) => [await tested(url, 'okta'), await tested(url, 'okta')])
  expect(twice[0]?.left.length).toBeGreaterThan(0)
  expect(twice[0]?.left.join()).toContain('User onboard-scim-test-1@customer.example')
  expect(failed(twice[1])).not.toContain('create-user')
  // A run that may remove takes all of that away.
  await tested(server.url, 'rfc')
  const marked = [...(server.kept.get('User')?.values() ?? [])].map((one) => String(one['userName']))
  expect(marked.filter((name) => /^onboard-scim-test-\d@/.test(name))).toEqual([])
})

test('people of the directory are left alone', async () => {
  const { transport, close } = scimTransport(server.url, {})
  const person = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada@customer.example' }
  const made = await transport({ method: 'POST', path: '/Users', headers: { 'content-type': 'application/scim+json' }, body: person }, TOKEN)
  expect(made.status).toBe(201)
  await behind({ before: (asked) => void (asked.path = asked.path.replace(/\?filter=[^&]*/, '?')) }, ({ url }) => tested(url, 'rfc'))
  expect([...(server.kept.get('User')?.values() ?? [])].map((one) => one['userName'])).toContain('ada@customer.example')
  await close()
})
