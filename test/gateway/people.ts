/** People of a tenant, and a browser that is only cookies, forms and redirects. */
import { afterAll } from 'vitest'
import { randomBytes } from 'node:crypto'
import { Secret, type Letter } from '../../src/contract.ts'
import { createPool } from '../../src/database/pool.ts'
import { createGateway, type GatewaySettings } from '../../src/gateway/server.ts'
import { createSeal } from '../../src/identity/seal.ts'
import type { Json, JsonObject } from '../../src/model.ts'
import { createPasswords } from '../../src/product/password.ts'
import { testDatabase } from '../support/database.ts'

export const PASSWORD = 'correct horse battery'
const passwords = createPasswords(4)

export interface PeopleGateway {
  readonly origin: string
  readonly query: <R = Record<string, unknown>>(sql: string, params?: readonly unknown[]) => Promise<R[]>
  readonly letters: Letter[]
  tenant(slug: string, more?: { status?: string; settings?: JsonObject }): Promise<string>
  user(tenant: string, email: string, more?: { role?: string; password?: string | null; set?: Record<string, unknown> }): Promise<string>
  /** Moves the database's clock. */
  later(minutes: number): Promise<void>
  events(tenant: string): Promise<string[]>
  /** Ends it as a signal does. */
  end(): Promise<void>
}

/** @param start ISO 8601 instant of the simulated clock */
export async function peopleGateway(more: Partial<GatewaySettings> = {}, start = '2026-03-02T09:00:00Z'): Promise<PeopleGateway> {
  const database = await testDatabase({ simulated: start })
  const pool = createPool(database, 'app', 8)
  const letters: Letter[] = []
  const app = createGateway({
    database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null, passwords,
    seal: createSeal(randomBytes(32)), mail: async (letter) => void letters.push(letter), loginsPerMinute: 10_000, ...more,
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  afterAll(async () => {
    await app.close()
    await pool.close()
  })
  const owner = await database.connect('owner')
  afterAll(() => owner.end())
  return {
    origin, query: pool.query, letters, end: () => app.close(),
    async tenant(slug, { status = 'live', settings = {} } = {}) {
      const [row] = await pool.query<{ id: string }>(
        `INSERT INTO tenants (name, slug, plan, status, settings) VALUES ($1, $2, 'enterprise', $3, $4) RETURNING id::text`,
        [`${slug.toUpperCase()} & Sons`, slug, status, JSON.stringify(settings)],
      )
      return row?.id ?? ''
    },
    async user(tenant, email, { role = 'member', password = PASSWORD, set = {} } = {}) {
      const hash = password === null ? null : await passwords.hash(new Secret(password))
      const [row] = await pool.query<{ id: string }>(
        `INSERT INTO users (tenant_id, email, full_name, role, password_hash) SELECT id, $2, $3, $4, $5 FROM tenants WHERE slug = $1 RETURNING id::text`,
        [tenant, email, `${email.split('@')[0]} <b>Braun</b>`, role, hash],
      )
      for (const [column, value] of Object.entries(set)) await pool.query(`UPDATE users SET ${column} = $2 WHERE id = $1`, [row?.id, value])
      return row?.id ?? ''
    },
    async later(minutes) {
      await owner.query(`UPDATE onboard.clock SET simulated = simulated + make_interval(secs => $1)`, [minutes * 60])
    },
    async events(tenant) {
      const rows = await pool.query<{ event: string }>(`SELECT e.event FROM audit_events e JOIN tenants t ON t.id = e.tenant_id WHERE t.slug = $1 ORDER BY e.id`, [tenant])
      return rows.map(({ event }) => event)
    },
  }
}

export interface Shown {
  readonly status: number
  /** Path and query of the page that is shown in the end. */
  readonly at: string
  readonly text: string
  readonly headers: Headers
}

export interface Browser {
  readonly cookies: Map<string, string>
  get(path: string): Promise<Shown>
  /** Fills in the page's form and sends it. */
  submit(page: Shown, fields: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Shown>
  /** Signs in as a person would. */
  signIn(tenant: string, email: string, password?: string): Promise<Shown>
  call(method: string, path: string, body?: Json, headers?: Readonly<Record<string, string>>): Promise<{ status: number; headers: Headers; body: JsonObject }>
}

export function browser(origin: string, always: Readonly<Record<string, string>> = {}): Browser {
  const cookies = new Map<string, string>()
  const send = async (method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(origin + path, {
      method, redirect: 'manual', headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...always, ...headers }, ...(body === undefined ? {} : { body }),
    })
    for (const one of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? []
      if (/expires=Thu, 01 Jan 1970/i.test(one)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  const shown = async (path: string, answer: Response): Promise<Shown> => {
    const to = answer.headers.get('location')
    if (to !== null && answer.status >= 300 && answer.status < 400) {
      const { pathname, search } = new URL(to, origin + path)
      return get(pathname + search)
    }
    return { status: answer.status, at: path, text: await answer.text(), headers: answer.headers }
  }
  const get = async (path: string): Promise<Shown> => shown(path, await send('GET', path))
  const submit: Browser['submit'] = async (page, fields, headers = {}) => {
    const [, action = '', inside = ''] = /<form method="post" action="([^"]*)">([\s\S]*?)<\/form>/.exec(page.text) ?? []
    if (action === '') throw new Error(`no form in ${page.text}`)
    const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]*)" (?:autocomplete="[^"]*" )?value="([^"]*)">/g)].map(([, name = '', value = '']) => [name, unescape(value)])
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }).toString()
    const path = unescape(action)
    return shown(path, await send('POST', path, body, { origin, 'content-type': 'application/x-www-form-urlencoded', ...headers }))
  }
  return {
    cookies, get, submit,
    signIn: async (tenant, email, password = PASSWORD) => submit(await get(`/t/${tenant}/login`), { email, password }),
    async call(method, path, body, headers = {}) {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const answer = await send(method, path, body === undefined ? undefined : JSON.stringify(body), { origin, accept: 'application/json', ...type, ...headers })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, body: text === '' ? {} : (JSON.parse(text) as JsonObject) }
    },
  }
}

const unescape = (text: string): string => text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'")
