/**
 * Nobody is locked out: whatever is set up, taken back, killed, replaced, deactivated or lost, and in whatever order, an
 * administrator of the tenant still comes in by some way. It is tried, not deduced: by signing in over HTTP.
 * `npm run test:kill -- --times 10000` tries more sequences, of both protocols.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttp } from '../../src/adapters/http.ts'
import { Secret, type Letter } from '../../src/contract.ts'
import { createPool, type Pool } from '../../src/database/pool.ts'
import type { Database } from '../../src/database/open.ts'
import { OnboardError } from '../../src/errors.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { connectionOf } from '../../src/identity/login/connections.ts'
import { newTestLink } from '../../src/identity/login/test-link.ts'
import { newScimToken } from '../../src/identity/scim/token.ts'
import { sqlState, tablesOf } from '../../src/identity/sql.ts'
import { createPasswords } from '../../src/product/password.ts'
import { open } from '../engine/world.ts'
import { type CookieBrowser, cookieBrowser } from '../../src/cli/demo/browser.ts'
import { start } from '../kill/killed.ts'
import { testDatabase } from '../support/database.ts'
import { TEST_SEAL } from '../support/world.ts'
import { type Place, type Providers, providers } from './lock-out-idps.ts'
import { carryOut, type Command, mail, type Protocol, runbookOf, type StepName, STEPS, type Story } from './lock-out-story.ts'

/** Sequences of each protocol: one for 100 moments of the kill tests. */
const RUNS = Math.ceil(Number(process.env['ONBOARD_KILL_TIMES'] ?? 200) / 100)
const PASSWORD = 'correct horse battery'
const PEOPLE = ['tom', 'ada', 'new'] as const
type Who = (typeof PEOPLE)[number]

/** What may happen to a tenant. */
type Event =
  | { readonly it: 'apply' | 'test login' | 'provider gone' | 'provider back' | 'connection deleted by hand' }
  // Another provider, or another key of the same, and handed in what it publishes.
  | { readonly it: 'provider replaced' | 'their key changed' }
  | { readonly it: 'our key'; readonly does: 'publish' | 'finish' }
  | { readonly it: 'roll back'; readonly to: StepName }
  | { readonly it: 'sso login'; readonly who: Who; readonly role: 'crm-admins' | 'staff' }
  | { readonly it: 'scim'; readonly who: Who; readonly does: 'deactivates' | 'activates' | 'deletes' }
  | { readonly it: 'member'; readonly who: Who; readonly by: Who; readonly becomes: 'viewer' | 'inactive' }
  // A process of its own, by SIGKILL: at a point, or so long after it began.
  | { readonly it: 'killed'; readonly command: Command; readonly at: string | number; readonly after_ms?: number }
  | { readonly it: 'at once'; readonly all: readonly Event[] }

const oneOf = <T>(all: readonly T[]) => fc.constantFrom(...all)
const simple: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ it: 'apply' as const }) },
  {
    weight: 3,
    arbitrary: oneOf(
      [
        { it: 'test login' as const }, { it: 'provider gone' as const }, { it: 'provider back' as const },
        { it: 'connection deleted by hand' as const }, { it: 'provider replaced' as const }, { it: 'their key changed' as const },
        { it: 'our key' as const, does: 'publish' as const }, { it: 'our key' as const, does: 'finish' as const },
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
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: simple },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        it: fc.constant('killed' as const),
        command: oneOf(['apply', 'apply', 'undo connection', 'undo enable', 'undo passwords', 'undo key', 'publish', 'finish'] as const satisfies readonly Command[]),
        // Beyond the last point there is none: then it is by the clock.
        at: fc.integer({ min: 1, max: 24 }), after_ms: fc.nat(120),
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
let customers: Providers
const letters: Letter[] = []
const passwords = createPasswords(4)
const tables = tablesOf('public')

beforeAll(async () => {
  database = await testDatabase()
  pool = createPool(database, 'app', 8)
  customers = await providers()
  const { http, close } = createHttp({ allow: ['127.0.0.1'], env: {} })
  const app = createGateway({
    database: pool, schema: 'public', publicUrl: null, trustedProxies: [], tls: null, log: null, passwords, seal: TEST_SEAL, fetch: http,
    mail: async (letter) => void letters.push(letter), loginsPerMinute: 1_000_000,
  })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  afterAll(async () => {
    await app.close()
    await close()
    await customers.close()
    await pool.close()
  })
})

/** A tenant with an onboarding: `tom` and `ada` are administrators with passwords; the provider knows everybody. */
async function tenant(slug: string, protocol: Protocol) {
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
  const place: Place = { provider: 0, key: 0 }
  const at = { slug, protocol, origin }
  const idp = customers.detailsOf(protocol, place)
  const id = await open(database, { runbook: runbookOf({ ...at, idp }) }, slug)
  return { ...at, id, token: token.reveal(), isGone: false, place }
}
type Tenant = Awaited<ReturnType<typeof tenant>>

/** What a command is told: with what the customer has handed in last. */
const storyOf = ({ id, slug, protocol, place }: Tenant): Story => ({ id, slug, protocol, origin, idp: customers.detailsOf(protocol, place) })
const command = (at: Tenant, what: Command): Promise<void> => carryOut(database, storyOf(at), what)

/** Signs in at the provider as somebody; says whether that gave a session. */
async function sso(at: Tenant, browser: CookieBrowser, who: Who, role: string, test?: string): Promise<boolean> {
  const begun = await browser.send(`${origin}/sso/${at.slug}/main/login${test === undefined ? '' : `?test=${test}`}`)
  await begun.body?.cancel()
  const to = begun.headers.get('location')
  return begun.status === 303 && to !== null && customers.signIn({ ...at, ...at.place }, browser, new URL(to), { who, role })
}

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
  if (what.it === 'apply') await command(at, 'apply')
  if (what.it === 'roll back') await command(at, `undo ${what.to}`).catch(refusedIsFine)
  if (what.it === 'our key') await command(at, what.does).catch(refusedIsFine)
  if (what.it === 'provider replaced') at.place = { provider: at.place.provider === 0 ? 1 : 0, key: 0 }
  if (what.it === 'their key changed') at.place = { ...at.place, key: 1 }
  if (what.it === 'test login') await testLogin(at)
  if (what.it === 'sso login') await sso(at, cookieBrowser(), what.who, what.role)
  if (what.it === 'provider gone' || what.it === 'provider back') at.isGone = what.it === 'provider gone'
  if (what.it === 'connection deleted by hand') await pool.query(
    `DELETE FROM sso_connections WHERE tenant_id = (SELECT id FROM tenants WHERE slug = $1)`, [at.slug],
  )
  if (what.it === 'scim') await scim(at, what.who, what.does)
  if (what.it === 'member') await changeMember(at, what)
  if (what.it === 'at once') await Promise.all(what.all.map((one) => happens(at, one)))
  if (what.it === 'killed') await killed(at, what)
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

/** The command in a process of its own, which is killed; where a point is named, it has to come there. */
async function killed(at: Tenant, { command: what, at: point, after_ms }: Event & { it: 'killed' }): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const ended = await start(database, '../gateway/lock-out-child.ts', [JSON.stringify(storyOf(at)), what, String(point)], (line, kill) => {
    if (line === 'begun' && after_ms !== undefined) timer = setTimeout(kill, after_ms)
  })
  clearTimeout(timer)
  if (ended.signal === null && ended.errors !== '') throw new Error(ended.errors)
  if (typeof point === 'string') expect(ended, `${what}: ${ended.lines.join(', ')}`).toMatchObject({ signal: 'SIGKILL' })
  kills += ended.signal === null ? 0 : 1
}
let kills = 0

let made = 0
async function holds(protocol: Protocol, events: readonly Event[]): Promise<void> {
  const at = await tenant(`lock-${++made}`, protocol)
  for (const [n, one] of events.entries()) {
    await happens(at, one)
    if ((await someAdminComesIn(at)) === null) throw new Error(
      `after ${n + 1} events nobody comes in any more by ${protocol}: ${JSON.stringify(events.slice(0, n + 1))}`,
    )
  }
}

describe.each(['saml', 'oidc'] as const)('an administrator comes in, %s', (protocol) => {
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
    [
      'when the process dies that switches passwords off, before and after it has', [
        ...ON.slice(0, 4), { it: 'killed', command: 'apply', at: 'sso.passwords applied' }, GONE,
        { it: 'killed', command: 'apply', at: 'sso.passwords committed' }, { it: 'roll back', to: 'connection' },
      ],
    ],
    [
      'when the process dies that takes everything back, again and again, and the provider is gone', [
        ...ON, GONE, { it: 'killed', command: 'undo connection', at: 'undo sso.passwords applied' },
        { it: 'killed', command: 'undo connection', at: 'undo sso.enable applied' },
        { it: 'roll back', to: 'connection' },
      ],
    ],
    [
      'when another provider takes the place of the one before, which nobody has tried, and the process dies', [
        ...ON, { it: 'provider replaced' }, { it: 'killed', command: 'apply', at: 'sso.connection applied' }, { it: 'apply' }, GONE,
        { it: 'roll back', to: 'mapping' },
      ],
    ],
    ['when the provider has changed its key, and nobody has said so', [...ON, { it: 'their key changed' }, { it: 'roll back', to: 'passwords' }, { it: 'apply' }]],
    [
      'while our own key is changed, and after',
      [...ON, { it: 'our key', does: 'publish' }, { it: 'our key', does: 'finish' }, { it: 'their key changed' }, { it: 'apply' }, { it: 'roll back', to: 'key' }],
    ],
  ])('%s', async (_name, events) => {
    await holds(protocol, events)
  })

  it('really was up to the account for emergencies there', async () => {
    const at = await tenant(`lock-proof-${protocol}`, protocol)
    for (const one of [...ON, GONE]) await happens(at, one)
    expect(
      await pool.query(`SELECT settings -> 'enabled' AS enabled FROM tenants WHERE slug = $1`, [at.slug]),
    ).toEqual([{ enabled: { scim: true, sso: true, password: false } }])
    expect(await byPassword(at, cookieBrowser(), 'ada'), 'passwords are off').toBe(false)
    expect(await someAdminComesIn(at)).toBe('tom by password')
    await pool.query(`UPDATE users SET break_glass = false WHERE email = $1 AND tenant_id = (SELECT id FROM tenants WHERE slug = $2)`, [mail('tom'), at.slug])
    expect(await someAdminComesIn(at), 'without it, the test would see it').toBe(null)
  })

  it('whatever happens, in whatever order', async () => {
    await fc.assert(fc.asyncProperty(sequence, (events) => holds(protocol, events)), { numRuns: RUNS, endOnFailure: true })
    expect(kills, 'processes killed').toBeGreaterThan(0)
  }, 20_000 + RUNS * 10_000)
})
