/** Directory sync from the token to its end, by processes as a vendor runs them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/contract.ts'
import { createPasswords } from '../../src/product/password.ts'
import { type Ended, onboard, start } from '../acceptance/process.ts'
import { freePort } from '../support/free-port.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'
import { phaseFile, TENANT, TENANT_RECORD } from '../support/phase-file.ts'

const ROLES = 'groups: [{ group: Planners, role: manager }]'
const SETUP = phaseFile('setup', ['owner: [engineering]'], [
  TENANT_RECORD,
  `id: access, title: Access, uses: tenant.access, needs: [tenant], with: { ${TENANT}, production: true }`,
])
const SHEET = 'app_url: "https://app.vendor.example", customer: Acme, directory: okta'
const SCIM = phaseFile('scim', ['owner: [engineering]', 'needs: [setup]'], [
  `id: token, title: Token, uses: scim.token, with: { ${TENANT} }`,
  `id: mapping, title: Mapping, uses: scim.mapping, with: { ${TENANT}, ${ROLES} }`,
  `id: endpoint, title: Sheet, uses: scim.endpoint, with: { ${TENANT}, ${SHEET}, ${ROLES} }`,
  `id: enabled, title: Enabled, uses: scim.enable, with: { ${TENANT} }`,
])
const PASSWORD = 'correct horse battery staple'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
let at: OwnWorkspace
let serve: ReturnType<typeof start>
let origin: string
let token: string

beforeAll(async () => {
  at = await ownWorkspace({
    roles: ['engineering'],
    people: '  engineering: [{ name: Eva, email: eva@vendor.example }]\n',
    phases: { setup: SETUP, scim: SCIM },
  })
  expect(await at.run('handoff accept --file acme.yaml --runbook ours')).toMatchObject({ exit: 0 })
  expect(await at.run('apply acme --phase setup')).toMatchObject({ exit: 0 })
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  serve = start(['serve', '--port', String(port)], at)
  await serve.said('Ctrl-C ends it')
})
afterAll(async () => {
  serve.process.kill('SIGTERM')
  expect((await serve.ended).exit).toBe(0)
  await at.remove()
})

const run = (line: string): Promise<Ended> => onboard(line.split(' '), at)
async function scim(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${origin}/scim/v2/acme${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}
/** Signs in at the page as a browser does; gives the cookies, and the status of the answer. */
async function signIn(email: string): Promise<{ status: number; cookie: string }> {
  const page = await fetch(`${origin}/t/acme/login`)
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const form_token = /name="form_token" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const answer = await fetch(`${origin}/t/acme/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, origin },
    body: new URLSearchParams({ form_token, email, password: PASSWORD }),
  })
  await answer.arrayBuffer()
  return {
    status: answer.status,
    cookie: answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
  }
}
const me = async (cookie: string) => {
  const answer = await fetch(`${origin}/t/acme/api/me`, { headers: { cookie } })
  return { status: answer.status, body: (await answer.json()) as { email?: string; role?: string } }
}

test('onboard scim issues the token once, and the sheet without it', async () => {
  const issued = await run('scim acme --secrets-out scim.jsonl')
  expect(issued, issued.stdout + issued.stderr).toMatchObject({ exit: 0 })
  token = (JSON.parse(await at.read('scim.jsonl')) as { value: string }).value
  const sheet = await run('document show acme scim-connector')
  expect(sheet.stdout).toContain('https://app.vendor.example/scim/v2/acme')
  expect(sheet.stdout).toContain('Planners')
  expect(issued.stdout + issued.stderr + sheet.stdout).not.toContain(token)
  expect(await run('scim acme')).toMatchObject({ exit: 0 })
})

test('a directory syncs users and a group; whom it switches off is out at once, and comes in no more', async () => {
  const made = await scim('POST', '/Users', { userName: 'ada@acme.example', displayName: 'Ada', active: true })
  expect(made.status).toBe(201)
  const id = String(made.body['id'])
  expect((await scim('POST', '/Groups', { displayName: 'Planners', members: [{ value: id }] })).status).toBe(201)
  const hash = await createPasswords(4).hash(new Secret(PASSWORD))
  await at.sql(`UPDATE users SET password_hash = '${hash}' WHERE id = '${id}'`)

  const { status, cookie } = await signIn('ada@acme.example')
  expect(status).toBe(303)
  expect(await me(cookie)).toMatchObject({ status: 200, body: { email: 'ada@acme.example', role: 'manager' } })
  expect(
    (
      await scim('PATCH', `/Users/${id}`, {
        schemas: [PATCH],
        Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
      })
    ).status,
  ).toBe(200)
  expect((await me(cookie)).status).toBe(401)
  expect((await signIn('ada@acme.example')).status).not.toBe(303)
})

test.each(['rfc', 'okta', 'entra'])('the tester passes as %s', async (dialect) => {
  await at.write('token.txt', token)
  const tested = await run(`scim test --url ${origin}/scim/v2/acme --token-file token.txt --dialect ${dialect}`)
  expect(tested, tested.stdout).toMatchObject({ exit: 0 })
})

test('diagnose has nothing to say against it', async () => {
  const looked = await run('diagnose scim acme --json')
  const { findings } = JSON.parse(looked.stdout) as { findings: { name: string; state: string }[] }
  expect(findings.map(({ name }) => name)).toContain('directory')
  expect([looked.exit, findings.filter(({ state }) => state !== 'ok')]).toEqual([0, []])
})

test('while the tenant is suspended nothing is synced, and tester and diagnose say why', async () => {
  await at.sql(`UPDATE tenants SET status = 'suspended'`)
  expect(await scim('GET', '/Users')).toMatchObject({ status: 403 })
  const tested = await run(`scim test --url ${origin}/scim/v2/acme --token-file token.txt`)
  expect([tested.exit, tested.stderr]).toEqual([9, expect.stringContaining('the tenant is suspended')])
  expect((await run('diagnose scim acme')).stdout).toContain(
    'the tenant is suspended: every request of its directory is refused',
  )
  await at.sql(`UPDATE tenants SET status = 'live'`)
  expect(await scim('GET', '/Users')).toMatchObject({ status: 200 })
})

test('rolled back, the token opens nothing, nothing is switched on, and the role is the one of before', async () => {
  const back = await run('rollback acme --to scim.token --confirm acme')
  expect(back, back.stdout + back.stderr).toMatchObject({ exit: 0 })
  expect((await scim('GET', '/Users')).status).toBe(401)
  expect(await at.sql(`SELECT settings #> '{enabled,scim}' AS on FROM tenants`)).toEqual([{ on: null }])
  expect(await at.sql('SELECT FROM scim_mappings')).toEqual([])
  expect(await at.sql(`SELECT role, active FROM users WHERE user_name = 'ada@acme.example'`)).toEqual([
    { role: 'member', active: false },
  ])
  expect((await run('document show acme scim-connector')).exit).not.toBe(0)
})
