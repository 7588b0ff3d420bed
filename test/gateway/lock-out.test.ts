/**
 * Nobody is locked out: whatever is set up, taken back, interrupted, deactivated or lost, and in whatever order, an
 * administrator of the tenant still comes in by some way. It is tried, not deduced: by signing in over HTTP.
 * `LOCK_OUT_RUNS=500 npx vitest run test/gateway/lock-out` tries more sequences.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { createHttp } from '../../src/adapters/http.ts'
import { openWork } from '../../src/cli/work.ts'
import { Secret, type Letter } from '../../src/contract.ts'
import { createPool, type Pool } from '../../src/database/pool.ts'
import type { Database } from '../../src/database/open.ts'
import { apply } from '../../src/engine/apply.ts'
import { undo } from '../../src/engine/undo.ts'
import { OnboardError } from '../../src/errors.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { connectionOf } from '../../src/identity/login/connections.ts'
import { newTestLink } from '../../src/identity/login/test-link.ts'
import { newScimToken } from '../../src/identity/scim/token.ts'
import { sqlState, tablesOf } from '../../src/identity/sql.ts'
import { createProduct } from '../../src/product/open.ts'
import { createPasswords } from '../../src/product/password.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { open, sketch } from '../engine/world.ts'
import { type CookieBrowser, cookieBrowser } from '../../src/cli/demo/browser.ts'
import { testDatabase } from '../support/database.ts'
import { scriptedProvider, type ScriptedProvider } from '../support/scripted-openid.ts'
import { TEST_SEAL } from '../support/world.ts'
import { MAPPING } from './oidc-support.ts'

const RUNS = Number(process.env['LOCK_OUT_RUNS'] ?? 8)
const PASSWORD = 'correct horse battery'
const PEOPLE = ['tom', 'ada', 'new'] as const
const STEPS = ['connection', 'mapping', 'enable', 'passwords'] as const
type Who = (typeof PEOPLE)[number]

/** What may happen to a tenant. */
type Event =
  | { readonly it: 'apply' | 'test login' | 'provider gone' | 'provider back' | 'connection deleted by hand' }
  | { readonly it: 'roll back'; readonly to: (typeof STEPS)[number] }
  | { readonly it: 'sso login'; readonly who: Who; readonly role: 'crm-admins' | 'staff' }
  | { readonly it: 'scim'; readonly who: Who; readonly does: 'deactivates' | 'activates' | 'deletes' }
  | { readonly it: 'member'; readonly who: Who; readonly by: Who; readonly becomes: 'viewer' | 'inactive' }
  | { readonly it: 'crash'; readonly of: Event; readonly after_ms: number }
  | { readonly it: 'at once'; readonly all: readonly Event[] }

const oneOf = <T>(all: readonly T[]) => fc.constantFrom(...all)
const simple: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ it: 'apply' as const }) },
  {
    weight: 3,
    arbitrary: oneOf(
      [
        { it: 'test login' as const }, { it: 'provider gone' as const }, { it: 'provider back' as const },
        { it: 'connection deleted by hand' as const },
      ],
    ),
  },
  { weight: 3, arbitrary: fc.record({ it: fc.constant('roll back' as const), to: oneOf(STEPS) }) },
  {
    weight: 3,
    arbitrary: fc.record(
      { it: fc.constant('sso login' as const), who: oneOf(PEOPLE), role: oneOf(['crm-admins', 'staff'] as const) },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        it: fc.constant('scim' as const), who: oneOf(PEOPLE),
        does: oneOf(['deactivates', 'activates', 'deletes'] as const),
      },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        it: fc.constant('member' as const), who: oneOf(PEOPLE), by: oneOf(PEOPLE),
        becomes: oneOf(['viewer', 'inactive'] as const),
      },
    ),
  },
)
const rollBack = fc.record({ it: fc.constant('roll back' as const), to: oneOf(STEPS) })
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: simple },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        it: fc.constant('crash' as const), of: fc.oneof(fc.constant({ it: 'apply' as const }), rollBack),
        after_ms: fc.nat(25),
      },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { it: fc.constant('at once' as const), all: fc.array(simple, { minLength: 2, maxLength: 3 }) },
    ),
  },
)
/** Half of the sequences begin where there is something to lose. */
const ON: readonly Event[] = [
  { it: 'apply' }, { it: 'test login' }, { it: 'apply' }, { it: 'sso login', who: 'ada', role: 'crm-admins' },
  { it: 'apply' },
]
const sequence = fc.tuple(
  fc.boolean(), fc.array(event, { minLength: 4, maxLength: 9 }),
).map(([on, rest]) => [...(on ? ON : []), ...rest])

let database: Database
let pool: Pool
let origin: string
let provider: ScriptedProvider
const letters: Letter[] = []
const passwords = createPasswords(4)
const tables = tablesOf('public')
const catalogue = createCatalogue()

beforeAll(async () => {
  database = await testDatabase()
  pool = createPool(database, 'app', 8)
  provider = await scriptedProvider()
  const { http, close } = createHttp({ allow: ['127.0.0.1'], env: {} })
  const app = createGateway({
    database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null, passwords, seal: TEST_SEAL, fetch: http,
    mail: async (letter) => void letters.push(letter), loginsPerMinute: 1_000_000,
  })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  afterAll(async () => {
    await app.close()
    await close()
    await provider.close()
    await pool.close()
  })
})

/** A tenant with an onboarding: `tom` and `ada` are administrators with passwords; the provider knows everybody. */
async function tenant(slug: string) {
  await pool.query(
    `INSERT INTO tenants (name, slug, plan, status, settings) VALUES ($1, $1, 'enterprise', 'live', '{"enabled": {"scim": true}}')`,
    [slug],
  )
  const hash = await passwords.hash(new Secret(PASSWORD))
  for (const who of ['tom', 'ada']) await pool.query(
    `INSERT INTO users (tenant_id, email, user_name, full_name, role, password_hash)
       SELECT id, $2, $2, $2, 'admin', $3 FROM tenants WHERE slug = $1`,
    [slug, mail(who), hash],
  )
  const { token, hash: kept, prefix } = newScimToken()
  await pool.query(
    `INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at)
     SELECT id, $2, $3, onboard.now() + interval '1 hour' FROM tenants WHERE slug = $1`,
    [slug, kept, prefix],
  )
  const on = { tenant: slug, connection: 'main' }
  const idp = { issuer: provider.issuer, client_id: 'crm', client_secret: true, scopes: ['openid', 'email'] }
  const runbook = sketch({
    sso: [
      {
        id: 'connection', uses: 'oidc.connection',
        with: { ...on, idp, clock_skew_s: 60, jit: true, email_verified: 'required' },
      },
      { id: 'mapping', uses: 'sso.mapping', with: { ...on, mapping: MAPPING as never, sample: null } },
      { id: 'enable', uses: 'sso.enable', with: on },
      { id: 'passwords', uses: 'password.disable', with: { ...on, emergency: mail('tom') } },
    ],
  })
  const id = await open(database, { runbook }, slug)
  const evaluator = createEvaluator(runbook, await catalogue.schemas())
  const secret = new Secret('client-secret')
  /** A command: a process of its own, with connections of its own. */
  const command = async (run: (work: ReturnType<typeof openWork>) => Promise<unknown>): Promise<void> => {
    const work = openWork(database, {
      onboarding: { id, key: slug, slug, name: '', company: slug, runbook, opened_at: '2026-12-01T09:00:00Z' }, runbook,
      inputs: { handoff: {}, discovery: null, config: {}, onboarding: { slug } }, evaluator, catalogue,
      actor: { name: slug, email: null, how: 'os', verified: false },
      surroundings: {
        product: createProduct({ form: 'reference' }), exec: () => Promise.reject(new Error('no programs here')),
        vault: {
          given: async (name, place) => (name === 'client_secret' ? {
            text: TEST_SEAL.seal(secret, place), mark: TEST_SEAL.mark(secret, place),
          } : null),
          seal: async (value, place) => TEST_SEAL.seal(value, place),
        },
      },
      secrets: { ready: async () => undefined, deliver: async () => undefined },
    })
    await run(work).finally(() => work.close().catch(() => undefined))
  }
  return { slug, token: token.reveal(), command, isGone: false }
}
type Tenant = Awaited<ReturnType<typeof tenant>>

const mail = (who: string): string => `${who}@acme.example`

/** Signs in at the provider as somebody; says whether that gave a session. */
async function sso(
  { slug, isGone }: Tenant, browser: CookieBrowser, who: Who, role: string, test?: string,
): Promise<boolean> {
  const begun = await browser.send(`${origin}/sso/${slug}/main/login${test === undefined ? '' : `?test=${test}`}`)
  const to = begun.headers.get('location')
  if (begun.status !== 303 || to === null) return false
  const { searchParams } = new URL(to)
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: provider.issuer, aud: 'crm', sub: who, nonce: searchParams.get('nonce'), iat: now, exp: now + 300,
    email: mail(who), email_verified: true, name: who, roles: [role],
  }
  const id_token = await provider.sign(claims)
  const code = `${slug} ${searchParams.get('state')}`
  answers.set(
    code, isGone ? { status: 503, body: 'gone' } : { body: { access_token: 'a', token_type: 'Bearer', id_token } },
  )
  provider.script.token = (form) => answers.get(form.get('code') ?? '') ?? {
    status: 400, body: { error: 'invalid_grant' },
  }
  const back = await browser.send(
    `${origin}/sso/${slug}/main/callback?${new URLSearchParams({ code, state: searchParams.get('state') ?? '' })}`,
  )
  await back.body?.cancel()
  return back.status === 303
}
const answers = new Map<string, { status?: number; body: unknown }>()

async function byPassword({ slug }: Tenant, browser: CookieBrowser, who: string): Promise<boolean> {
  const page = await browser.open(`${origin}/t/${slug}/login?emergency=1`)
  await browser.submit(page, { email: mail(who), password: PASSWORD })
  return (await roleOf({ slug }, browser)) === 'admin'
}

/** A new password by a link that comes by mail. */
async function byMail(at: Tenant, browser: CookieBrowser, who: string): Promise<boolean> {
  const had = letters.length
  await browser.submit(await browser.open(`${origin}/t/${at.slug}/reset`), { email: mail(who) })
  for (let left = 50; left > 0 && letters.length === had; left--) await new Promise(
    (resolve) => setTimeout(resolve, 10),
  )
  const link = letters.slice(had).map(
    (letter) => /http\S+reset\?token=[\w-]+/.exec(letter.body.text)?.[0],
  ).find((one) => one !== undefined)
  if (link === undefined) return false
  await browser.submit(await browser.open(link), { next: PASSWORD, again: PASSWORD })
  return byPassword(at, browser, who)
}

async function roleOf({ slug }: Pick<Tenant, 'slug'>, browser: CookieBrowser): Promise<string | null> {
  const answer = await browser.send(`${origin}/t/${slug}/api/me`)
  const body = (await answer.json()) as { role?: string }
  return answer.status === 200 ? (body.role ?? null) : null
}

/** Any way in, for any administrator: the cheap ones first. */
async function someAdminComesIn(at: Tenant): Promise<string | null> {
  for (const who of ['tom', 'ada']) if (await byPassword(at, cookieBrowser(), who)) return `${who} by password`
  for (const who of PEOPLE) {
    const browser = cookieBrowser()
    if ((await sso(
      at, browser, who, 'crm-admins',
    )) && (await roleOf(at, browser)) === 'admin') return `${who} by single sign-on`
  }
  for (const who of PEOPLE) if (await byMail(at, cookieBrowser(), who)) return `${who} by a mail`
  return null
}

async function scim({ slug, token }: Tenant, who: Who, does: string): Promise<void> {
  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${origin}/scim/v2/${slug}/${path}`, {
      method, headers: {
        authorization: `Bearer ${token}`, 'content-type': 'application/scim+json',
      }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (answer.status >= 500) throw new Error(`SCIM: ${text}`)
    return text === '' ? null : (JSON.parse(text) as { Resources?: { id: string }[] })
  }
  const id = (await send('GET', `Users?filter=${encodeURIComponent(`userName eq "${mail(who)}"`)}`))?.Resources?.[0]?.id
  if (id === undefined) return
  if (does === 'deletes') await send('DELETE', `Users/${id}`)
  else await send(
    'PATCH', `Users/${id}`,
    {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', value: { active: does === 'activates' } }],
    },
  )
}

async function changeMember(at: Tenant, { who, by, becomes }: Event & { it: 'member' }): Promise<void> {
  const browser = cookieBrowser()
  if (!(await byPassword(at, browser, by)) && !(await sso(at, browser, by, 'crm-admins'))) return
  const all = await browser.send(`${origin}/t/${at.slug}/api/members`)
  const { members = [] } = (await all.json()) as { members?: { id: string; email: string }[] }
  const id = members.find(({ email }) => email === mail(who))?.id
  if (id === undefined) return
  const answer = await browser.send(`${origin}/t/${at.slug}/api/members/${id}`, {
    method: 'PATCH', headers: { 'content-type': 'application/json', origin }, body: JSON.stringify(
      becomes === 'inactive' ? { active: false } : { role: becomes },
    ),
  })
  if (answer.status >= 500) throw new Error(await answer.text())
}

async function happens(at: Tenant, what: Event): Promise<void> {
  if (what.it === 'apply') await at.command((work) => apply(work))
  if (what.it === 'roll back') await at.command(
    (work) => undo(work, { phase: 'sso', step: what.to }),
  ).catch(refusedIsFine)
  if (what.it === 'test login') await testLogin(at)
  if (what.it === 'sso login') await sso(at, cookieBrowser(), what.who, what.role)
  if (what.it === 'provider gone' || what.it === 'provider back') at.isGone = what.it === 'provider gone'
  if (what.it === 'connection deleted by hand') await pool.query(
    `DELETE FROM sso_connections WHERE tenant_id = (SELECT id FROM tenants WHERE slug = $1)`, [at.slug],
  )
  if (what.it === 'scim') await scim(at, what.who, what.does)
  if (what.it === 'member') await changeMember(at, what)
  if (what.it === 'at once') await Promise.all(what.all.map((one) => happens(at, one)))
  if (what.it === 'crash') await crashes(at, what)
}

async function testLogin(at: Tenant): Promise<void> {
  const connection = await connectionOf(pool.query, tables, at.slug, 'main')
  if (connection === undefined) return
  const link = await newTestLink(pool.query, tables, connection, 600).catch((error: unknown) => {
    // It was deleted at this moment.
    if (sqlState(error) !== '23503') throw error
  })
  if (link) await sso(at, cookieBrowser(), 'ada', 'crm-admins', link.token.reveal())
}

/** A command may say that it cannot do this now; anything else is a fault. */
function refusedIsFine(error: unknown): void {
  if (!(error instanceof OnboardError)) throw error
}

/** The server ends the connections of the command while it works, as when its process dies. */
async function crashes(at: Tenant, { of, after_ms }: Event & { it: 'crash' }): Promise<void> {
  const running = happens(at, of).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, after_ms))
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, $1)`,
    [`onboard ${at.slug} on`],
  )
  await running
}

let made = 0
async function holds(events: readonly Event[]): Promise<void> {
  const at = await tenant(`lock-${++made}`)
  for (const [n, one] of events.entries()) {
    await happens(at, one)
    if ((await someAdminComesIn(at)) === null) throw new Error(
      `after ${n + 1} events nobody comes in any more: ${JSON.stringify(events.slice(0, n + 1))}`,
    )
  }
}

describe('an administrator comes in', () => {
  const GONE = { it: 'provider gone' } as const
  it.each<readonly [string, readonly Event[]]>([
    ['by the account for emergencies, when the provider is gone', [...ON, GONE]],
    ['when the connection was deleted by hand while passwords were off', [...ON, { it: 'connection deleted by hand' }]],
    [
      'when the directory deactivates everybody it can',
      [...ON, ...PEOPLE.map((who) => ({ it: 'scim', who, does: 'deactivates' }) as const), GONE],
    ],
    [
      'when the directory deletes everybody it can before passwords go',
      [
        ...ON.slice(0, 4), ...PEOPLE.map((who) => ({ it: 'scim', who, does: 'deletes' }) as const), { it: 'apply' },
        GONE,
      ],
    ],
    [
      'when another administrator takes the account for emergencies away',
      [...ON, { it: 'member', who: 'tom', by: 'ada', becomes: 'inactive' }, GONE],
    ],
    [
      'when another administrator takes its role',
      [...ON, { it: 'member', who: 'tom', by: 'ada', becomes: 'viewer' }, GONE],
    ],
    ['after a rollback while the provider is gone', [...ON, GONE, { it: 'roll back', to: 'connection' }]],
    ['after a rollback of the switch alone', [...ON, { it: 'roll back', to: 'enable' }, GONE]],
    [
      'who came by a first login and has no password, after everything is taken back',
      [
        ...ON.slice(0, 3), { it: 'sso login', who: 'new', role: 'crm-admins' },
        { it: 'scim', who: 'tom', does: 'deactivates' }, { it: 'scim', who: 'ada', does: 'deactivates' },
        { it: 'roll back', to: 'connection' },
      ],
    ],
  ])('%s', async (_name, events) => {
    await holds(events)
  })

  it('really was up to the account for emergencies there', async () => {
    const at = await tenant('lock-proof')
    for (const one of [...ON, GONE]) await happens(at, one)
    expect(
      await pool.query(`SELECT settings -> 'enabled' AS enabled FROM tenants WHERE slug = 'lock-proof'`),
    ).toEqual([{ enabled: { scim: true, sso: true, password: false } }])
    expect(await byPassword(at, cookieBrowser(), 'ada'), 'passwords are off').toBe(false)
    expect(await someAdminComesIn(at)).toBe('tom by password')
    await pool.query(`UPDATE users SET break_glass = false WHERE email = $1`, [mail('tom')])
    expect(await someAdminComesIn(at), 'without it, the test would see it').toBe(null)
  })

  it('whatever happens, in whatever order', async () => {
    await fc.assert(fc.asyncProperty(sequence, holds), { numRuns: RUNS, endOnFailure: true })
  }, 10_000 + RUNS * 3_000)
})
