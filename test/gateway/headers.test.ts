/** What the probe of headers asks of other people's products, our own answers to. */
import { get } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cookieFindings, headerFindings } from '../../src/actions/headers/_policy.ts'
import { createAuthority } from '../support/tls.ts'
import { peopleGateway, type PeopleGateway } from './people.ts'

let secure: PeopleGateway
beforeAll(async () => {
  secure = await peopleGateway({ publicUrl: 'https://app.vendor.example' })
  await secure.tenant('acme')
})

test.each([['/t/acme/login'], ['/t/acme/reset'], ['/t/acme/api/me'], ['/nowhere'], ['/healthz'], ['/assets/page.css']])('%s is graded without a fault', async (path) => {
  const answer = await fetch(secure.origin + path, { redirect: 'manual' })
  const findings = headerFindings(Object.fromEntries(answer.headers))
  expect(findings.filter(({ result }) => result !== 'pass')).toEqual([])
  expect(cookieFindings(answer.headers.getSetCookie(), undefined).filter(({ result }) => result !== 'pass')).toEqual([])
})

test('pages allow no script, and nothing of them is kept on the way', async () => {
  const answer = await fetch(`${secure.origin}/t/acme/login`, { headers: { accept: 'text/html' } })
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none';style-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'")
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.text()).not.toMatch(/<script|style=|onclick/)
})

test('on plain HTTP nobody is told to come by HTTPS alone', async () => {
  const plain = await peopleGateway()
  expect((await fetch(`${plain.origin}/healthz`)).headers.get('strict-transport-security')).toBeNull()
})

test('with a certificate it speaks TLS, and its cookies are for TLS alone', async () => {
  const authority = createAuthority()
  afterAll(() => authority.remove())
  const { cert, key } = authority.certificate('IP:127.0.0.1', -1, 30)
  const tls = await peopleGateway({ tls: { cert: Buffer.from(cert), key: Buffer.from(key) } })
  await tls.tenant('acme')
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    get(`${tls.origin}/t/acme/login`, { ca: authority.ca }, (answer) => {
      answer.resume()
      resolve(answer.headers)
    }).on('error', reject)
  })
  expect(tls.origin).toMatch(/^https:/)
  expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-onboard-form=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)])
})
