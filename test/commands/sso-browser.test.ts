/**
 * From a customer's metadata to a login in a browser, and back: as the README says it, each command, the gateway and
 * the identity provider a process of its own.
 */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/contract.ts'
import { addDays } from '../../src/dates.ts'
import { spUrls } from '../../src/identity/saml/urls.ts'
import { hashPassword } from '../../src/product/password.ts'
import { type Ended, onboard, type Running, start } from '../acceptance/process.ts'
import { chromiumWindows, noChromium, type Window } from '../support/chromium.ts'
import { type CustomerIdp, customerIdp, PERSON } from '../support/customer-idp.ts'
import { freePort } from '../support/free-port.ts'
import type { OwnWorkspace } from '../support/own-runbook.ts'
import { ssoWorkspace, takeOver } from '../support/sso-workspace.ts'

const MAPPING = `email: [email]
name: [name]
role: [groups]
roles: [{ value: admins, role: admin }]
role_default: member
`
const PASSWORD = 'a password of my own'

describe.skipIf(noChromium !== null)('a browser', () => {
  const windows = chromiumWindows()
  let own: OwnWorkspace
  let idp: CustomerIdp
  let gateway: Running
  let origin: string
  let window: Window
  const run = (line: string, env: Record<string, string> = {}): Promise<Ended> => onboard(line.split(' '), { cwd: own.cwd, env: { ...own.env, ...env } })

  beforeAll(async () => {
    [own, idp] = await Promise.all([ssoWorkspace(null), customerIdp()])
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    const today = new Date().toISOString().slice(0, 10)
    const dated = (await own.read('acme.yaml')).replace('2026-12-01', addDays(today, 10)).replace('2027-02-15', addDays(today, 90))
    await own.write('acme.yaml', dated)
    await own.write('metadata.xml', idp.metadata)
    await own.write('mapping.yaml', MAPPING)
    await takeOver(own, origin, randomBytes(32))
    gateway = start(['serve', '--port', String(port)], { cwd: own.cwd, env: own.env })
    await gateway.said('Ctrl-C ends it')
    window = await windows.open({ scripts: true })
    // Two processes answer each of its pages, on a machine that may be busy.
    window.context.setDefaultTimeout(20_000)
    return async () => {
      gateway.process.kill('SIGTERM')
      expect((await gateway.ended).exit).toBe(0)
      await idp.close()
      await own.remove()
    }
  }, 60_000)

  const home = () => window.page.waitForURL(`${origin}/t/acme/`)

  test('signs in through a real identity provider once it is switched on; taken back, the password works again', async () => {
    const hash = await hashPassword(new Secret(PASSWORD), 4)
    await own.sql(
      `INSERT INTO users (tenant_id, email, full_name, role, password_hash)
       SELECT id, 'tom@acme.example', 'Tom Braun', 'admin', '${hash}' FROM tenants`,
    )

    // The file is read, and nothing is switched on by it.
    expect(await run('sso acme --metadata metadata.xml --mapping mapping.yaml')).toMatchObject({ exit: 5 })
    const urls = spUrls(origin, 'acme', 'main')
    const ours = await (await fetch(urls.metadata)).text()
    const [, certificate] = /use="signing".*?<ds:X509Certificate>([^<]+)/.exec(ours) ?? []
    await idp.register(urls, `-----BEGIN CERTIFICATE-----\n${(certificate ?? '').replaceAll(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`)
    await window.page.goto(`${origin}/t/acme/login`)
    expect(await window.page.getByRole('link', { name: 'Single sign-on' }).count()).toBe(0)

    // Tried by a link that opens nothing.
    const [tried] = await Promise.all([
      trial(), run('sign acme sso.test_user --on-behalf-of tom@acme.example'),
      run('sign acme sso.their_side --on-behalf-of tom@acme.example'),
    ])
    expect(tried).toMatchObject({ exit: 0, stdout: expect.stringContaining(PERSON.email) })
    expect((await run('sso acme')).stdout).toMatch(/enabled/)
    expect(await own.sql('SELECT enabled FROM sso_connections')).toEqual([{ enabled: true }])

    // As people come in, from the page on.
    await window.page.context().clearCookies()
    await window.page.goto(`${origin}/t/acme/login`)
    await window.page.getByRole('link', { name: 'Single sign-on' }).click()
    await idp.signIn(window.page)
    await home()
    expect(await window.page.content()).toContain('Ada Lovelace')
    expect(await own.sql('SELECT s.method, u.email, u.role FROM sessions s JOIN users u ON u.id = s.user_id')).toEqual([
      { method: 'saml', email: PERSON.email, role: 'admin' },
    ])

    // And back.
    expect(await run('rollback acme --to sso --confirm acme')).toMatchObject({ exit: 0 })
    expect((await fetch(urls.login, { redirect: 'manual' })).status).toBe(404)
    await window.page.goto(`${origin}/t/acme/`)
    expect(window.page.url(), 'the session ended with the connection').toContain('/t/acme/login')
    await window.page.getByLabel('E-mail address').fill('tom@acme.example')
    await window.page.getByLabel('Password').fill(PASSWORD)
    await window.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await home()
    expect(await window.page.content()).toContain('Tom Braun')
  }, 60_000)

  async function trial(): Promise<Ended> {
    const trying = start(['sso', 'test', 'acme', '--timeout', '30'], { cwd: own.cwd, env: own.env })
    let said = ''
    trying.process.stderr?.on('data', (text: string) => { said += text })
    await trying.said('Ctrl-C ends it')
    await window.page.goto(/http:\S+test=[\w-]+/.exec(said)?.[0] ?? 'about:blank')
    await idp.signIn(window.page)
    await window.page.getByRole('heading', { name: 'The test login succeeded' }).waitFor()
    return trying.ended
  }
})
