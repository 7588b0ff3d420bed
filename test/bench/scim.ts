import { connectSuperuser, prepareDatabase } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { newScimToken } from '../../src/identity/scim/token.ts'
import { TOKEN } from '../identity/scim/scimmy.ts'
import type { Place } from './place.ts'
import { limitLine, type Line, type Section } from './report.ts'
import { AT_ONCE, child, client, rate, times } from './scim-client.ts'

const DATABASE = 'bench_scim'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
/** What scimmy-routers bears. */
const COMPARED = 10_000

/**
 * Directory sync over HTTP: so many thousand users, a group of a fifth of them, and scimmy-routers beside it.
 * @param thousands of users
 */
export async function benchScim(_place: Place, thousands: number): Promise<Section> {
  const many = thousands * 1000
  const home = embeddedHome(process.env)
  await prepareDatabase(home, DATABASE, { product: true })
  const owner = await connectSuperuser(home, DATABASE)
  const { token, hash, prefix } = newScimToken()
  await owner.query(
    `INSERT INTO tenants (name, slug, plan, status, settings)
     VALUES ('Acme', 'acme', 'enterprise', 'live', '{"enabled":{"scim":true}}')`,
  )
  await owner.query(
    `INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at)
     SELECT id, $1, $2, onboard.now() + interval '1 day' FROM tenants`,
    [hash, prefix],
  )
  await owner.query(
    `INSERT INTO scim_mappings (tenant_id, groups, role_default)
     SELECT id, '[{"group":"Everybody","role":"viewer"}]', 'member' FROM tenants`,
  )

  const gateway = await child('gateway-child.ts', [DATABASE, '4'])
  const own = client(`${String(gateway.said['origin'])}/scim/v2/acme`, token.reveal())
  const lines: Line[] = []

  // Made by requests, as a directory does it at its first sync.
  let most = 0
  const watch = async () => {
    const { rss } = await gateway.ask<{ rss: number }>()
    most = Math.max(most, rss / 2 ** 20)
  }
  const ids: string[] = Array.from({ length: many })
  const create = await rate(many, async (n) => {
    ids[n] = String((await own.send('POST', '/Users', userOf(n), 201))['id'])
    if (n % 2_000 === 0) await watch()
  })
  lines.push(atLeast(`creates, ${many} of them with ${AT_ONCE} connections`, create, 800))
  await owner.query('VACUUM ANALYZE')

  let listed = 0
  const begun = performance.now()
  for (let start = 1; start <= many; start += 200) {
    const { Resources } = await own.send('GET', `/Users?startIndex=${start}&count=200`)
    listed += (Resources as unknown[]).length
    if (start % 4_000 === 1) await watch()
  }
  const listing = (performance.now() - begun) / 1000
  if (listed !== many) throw new Error(`the listing gave ${listed} users`)
  lines.push({
    ...limitLine('memory (RSS) at its most, during that import and a full listing', most, 300, 'MiB'),
    note: `listing ${many} took ${listing.toFixed(1)} s`,
  })

  const eq = await times(400, () =>
    own.send(
      'GET',
      `/Users?filter=${encodeURIComponent(`userName eq "user${Math.floor(Math.random() * many)}@customer.example"`)}`,
    ),
  )
  lines.push(limitLine(`userName eq, p95 of ${many} users`, p95(eq), 10, 'ms'))
  const pages: number[] = []
  for (const part of [0, 0.5, 0.99]) {
    pages.push(
      ...(await times(15, () => own.send('GET', `/Users?startIndex=${Math.floor(many * part) + 1}&count=100`))),
    )
  }
  lines.push(limitLine('a page of 100 at the beginning, the middle and the end, p95', p95(pages), 50, 'ms'))
  const patches = Math.min(many, 8_000)
  const patch = await rate(patches, (n) =>
    own.send('PATCH', `/Users/${ids[n]}`, {
      schemas: [PATCH],
      Operations: [{ op: 'replace', path: 'active', value: n % 2 === 0 ? 'False' : false }],
    }),
  )
  lines.push(atLeast(`PATCH of active with ${AT_ONCE} connections`, patch, 800))

  const size = Math.min(many / 5, 20_000)
  const group = String((await own.send('POST', '/Groups', { displayName: 'Everybody' }, 201))['id'])
  for (let from = 0; from < size; from += 1_000) {
    await own.send(
      'PATCH',
      `/Groups/${group}`,
      {
        schemas: [PATCH],
        Operations: [{ op: 'add', path: 'members', value: ids.slice(from, from + 1_000).map((value) => ({ value })) }],
      },
      204,
    )
  }
  await owner.query('ANALYZE')
  let next = size
  const add = await times(60, () =>
    own.send(
      'PATCH',
      `/Groups/${group}`,
      { schemas: [PATCH], Operations: [{ op: 'add', path: 'members', value: [{ value: ids[next++ % many] }] }] },
      204,
    ),
  )
  lines.push(limitLine(`adding one member to a group of ${size}, p95`, p95(add), 20, 'ms'))
  const without = await times(60, () => own.send('GET', `/Groups/${group}?excludedAttributes=members`))
  lines.push(limitLine('reading that group without its members, p95', p95(without), 10, 'ms'))

  lines.push(await beside(own, Math.min(many, COMPARED)))
  await own.close()
  await gateway.end()
  await owner.end()
  return { title: 'Directory sync (SCIM), HTTP included', lines }
}

/** Filtered reads a second, ours among all its users and scimmy-routers' among those that it bears; in turns. */
async function beside(own: ReturnType<typeof client>, users: number): Promise<Line> {
  const other = await child('scimmy-child.ts', [String(users)])
  const theirs = client(String(other.said['url']), TOKEN)
  const read = (to: typeof own) => async () => {
    const { totalResults } = await to.send(
      'GET',
      `/Users?filter=${encodeURIComponent(`userName eq "user${Math.floor(Math.random() * users)}@customer.example"`)}`,
    )
    if (totalResults !== 1) throw new Error(`a filtered read found ${String(totalResults)}`)
  }
  await rate(50, read(own))
  const [ours, them] = [[] as number[], [] as number[]]
  for (let round = 0; round < 3; round++) {
    them.push(await rate(24, read(theirs)))
    ours.push(await rate(1_000, read(own)))
  }
  await theirs.close()
  await other.end()
  const [a, b] = [ours.toSorted((x, y) => x - y)[1] ?? 0, them.toSorted((x, y) => x - y)[1] ?? 0]
  return {
    what: `filtered reads at ${users} users`,
    figure: `${a.toFixed(0)}/s`,
    against: `scimmy-routers: ${b.toFixed(0)}/s`,
    ratio: a / b,
    target: '≥ 5 ×',
    met: a / b >= 5,
  }
}

const userOf = (n: number): object => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: `user${n}@customer.example`,
  externalId: `x${n}`,
  displayName: `User ${n}`,
  active: true,
  name: { givenName: 'User', familyName: String(n) },
  emails: [{ value: `user${n}@customer.example`, type: 'work', primary: true }],
})

const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN

const atLeast = (what: string, value: number, limit: number): Line => ({
  what,
  figure: `${value.toFixed(0)}/s`,
  target: `≥ ${limit}/s`,
  met: value >= limit,
})
