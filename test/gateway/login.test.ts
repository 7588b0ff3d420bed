import { beforeAll, describe, expect, test } from 'vitest'
import { browser, PASSWORD, peopleGateway, type PeopleGateway } from './people.ts'

let gateway: PeopleGateway
beforeAll(async () => {
  gateway = await peopleGateway()
  await gateway.tenant('acme')
  await gateway.user('acme', 'Ada@acme.example', { role: 'admin' })
})

describe('signing in by password', () => {
  test('leads home, whatever the case of the address, and says who it is', async () => {
    const ada = browser(gateway.origin)
    const home = await ada.signIn('acme', 'ada@ACME.example')
    expect(home).toMatchObject({ status: 200, at: '/t/acme/' })
    expect(home.text).toContain('Ada@acme.example')
    expect((await ada.call('GET', '/t/acme/api/me')).body).toMatchObject({ email: 'Ada@acme.example', role: 'admin', tenant: { slug: 'acme' }, session: { method: 'password' } })
    expect(await gateway.events('acme')).toContain('login.password')
    const [row] = await gateway.query(`SELECT last_login_at IS NOT NULL AS seen FROM users WHERE email = 'Ada@acme.example'`)
    expect(row).toEqual({ seen: true })
  })

  test('a name, however it is written, is text on the page', async () => {
    const home = await browser(gateway.origin).signIn('acme', 'ada@acme.example')
    expect(home.text).toContain('Ada &lt;b&gt;Braun&lt;/b&gt;')
    expect(home.text).toContain('ACME &amp; Sons')
    expect(home.text).not.toContain('<b>')
  })

  test('says the same of a wrong password, an unknown address, one without a password and one that is deactivated', async () => {
    await gateway.user('acme', 'off@acme.example', { set: { active: false } })
    await gateway.user('acme', 'none@acme.example', { password: null })
    const answers = await Promise.all([
      ['ada@acme.example', 'wrong'], ['nobody@acme.example', PASSWORD], ['off@acme.example', PASSWORD], ['none@acme.example', PASSWORD], ['none@acme.example', ''],
    ].map(async ([email = '', password]) => {
      const page = await browser(gateway.origin).signIn('acme', email, password)
      return { status: page.status, text: page.text.replaceAll(email, 'X').replace(/value="[A-Za-z0-9_-]{43}"/, 'TOKEN') }
    }))
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 403, text: expect.stringContaining('role="alert"') })
  })
})
