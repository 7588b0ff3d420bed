import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { crowd } from './crowd.ts'
import { example } from './example.ts'
import { install } from './install.ts'
import { inTurns, median } from './measure.ts'
import type { Contender } from './measure.ts'
import type { Place } from './place.ts'
import { must, run } from './program.ts'
import { ms } from './report.ts'
import type { Line, Section } from './report.ts'

/**
 * What an engineer would paste: the same tenant, its settings and its administrator, with a link whose hash is at hand.
 */
const statements = (slug: string): readonly string[] => {
  const set = (at: string, value: object): string => (
    `UPDATE tenants SET settings = jsonb_set(settings, '{${at}}', '${JSON.stringify(value)}') WHERE slug = '${slug}'`
  )
  return [
    `INSERT INTO tenants (slug, name, plan, settings)
       VALUES ('${slug}', 'Acme Industrial GmbH', 'enterprise', '{"region": "eu"}') ON CONFLICT (slug) DO NOTHING`,
    set('entitled', { sso: true, scim: true, api_access: true, webhooks: false }),
    set('limits', { users: 1000, api_calls_per_15min: 50_000, storage_gb: 500 }),
    set('session', { idle_minutes: 30, absolute_hours: 12 }),
    set('ip_allowlist', ['203.0.113.0/24']),
    `INSERT INTO users (email, full_name, role, tenant_id, must_change_password, set_password_token_hash,
                        set_password_expires_at)
       SELECT 'tom@acme.example', 'Tom Braun', 'admin', id, true, '${randomBytes(32).toString('hex')}',
              now() + interval '3 days'
         FROM tenants WHERE slug = '${slug}'
       ON CONFLICT DO NOTHING`,
  ]
}

/** The provision phase as whole processes: first for a new customer, then again with nothing left to do. */
export async function benchProvisioning(place: Place, rounds: number): Promise<Section> {
  const { bin } = await install(place)
  const { database, workspace } = await example(place, bin)
  const name = database.replace('embedded:', '')
  const owner = await connectSuperuser(embeddedHome(process.env), name)
  await crowd(owner, { prefix: 'p', until: 'provision', count: rounds + 2 })
  await owner.end()
  const onboard = (slug: string, again: boolean) => async (): Promise<void> => {
    const secrets = path.join(place.folder, `${slug}.secrets`)
    const args = ['provision', slug, ...(again ? [] : ['--secrets-out', secrets])]
    // 5: the administrator's first login is waited for.
    const how = { env: { ONBOARD_DATABASE_URL: database }, cwd: workspace }
    const { stdout } = await must([0, 5], run(place, process.execPath, [bin, ...args], how))
    if (!again && !fs.existsSync(secrets)) throw new Error(`nothing was provisioned: ${stdout}`)
  }
  const rivals = [await psql(place, name), await ansible(place, name)]
  const there = rivals.filter((one): one is Rival => 'run' in one)
  const turns = (again: boolean): Contender[] => {
    let count = 0
    const next = (): string => `p${String(++count).padStart(5, '0')}`
    const contenders: Contender[] = [{ name: 'onboard', run: () => onboard(next(), again)() }]
    for (const { name: rival, run: go } of there) {
      let own = 0
      contenders.push({ name: rival, run: () => go(`${rival}-${++own}`) })
    }
    return contenders
  }
  const first = await inTurns(turns(false), rounds, 2)
  const second = await inTurns(turns(true), rounds, 2)
  const lines: Line[] = []
  for (const [when, times] of [['new customer', first], ['again', second]] as const) {
    const of = (contender: string): number => median(times.get(contender) ?? [])
    lines.push({ what: `onboard provision: ${when}`, figure: ms(of('onboard')) })
    for (const rival of rivals) {
      const what = `${rival.name}: ${when}`
      if (!('run' in rival)) lines.push({ what, figure: null, note: rival.missing })
      else {
        const figure = of(rival.name)
        const ratio = of('onboard') / figure
        lines.push({ what, figure: ms(figure), ratio, against: 'onboard ÷ this', note: rival.note })
      }
    }
  }
  return { title: `The same provisioning by other means (whole processes, medians of ${rounds})`, lines }
}

interface Rival {
  readonly name: string
  readonly note: string
  run(slug: string): Promise<void>
}
type Missing = { readonly name: string; readonly missing: string }

async function psql(place: Place, database: string): Promise<Rival | Missing> {
  const name = 'psql -f'
  const version = await run(place, 'psql', ['--version']).catch(() => undefined)
  if (version?.exit !== 0) return { name, missing: 'not installed' }
  return {
    name, note: 'no plan, no check, no journal',
    run: async (slug) => {
      const file = path.join(place.folder, 'provision.sql')
      fs.writeFileSync(file, `BEGIN;\n${statements(slugOf(slug)).join(';\n')};\nCOMMIT;\n`)
      const login = ['-h', place.socket, '-U', 'onboard_app', '-d', database]
      await must([0], run(place, 'psql', [...login, '-v', 'ON_ERROR_STOP=1', '-qXf', file]))
    },
  }
}

async function ansible(place: Place, database: string): Promise<Rival | Missing> {
  const name = 'ansible-playbook'
  const own = path.join(place.folder, 'ansible')
  const env = { ANSIBLE_LOCAL_TEMP: own, ANSIBLE_HOME: own, ANSIBLE_NOCOLOR: '1' }
  const version = await run(place, name, ['--version'], { env }).catch(() => undefined)
  if (version?.exit !== 0) return { name, missing: 'not installed' }
  const needed = 'community.postgresql'
  const collection = await run(place, 'ansible-galaxy', ['collection', 'list', needed], { env }).catch(() => undefined)
  if (!collection?.stdout.includes(needed)) return { name, missing: `installed without ${needed}` }
  const login = { login_unix_socket: place.socket, login_user: 'onboard_app', login_db: database }
  return {
    name, note: 'one task a statement, each in a transaction of its own, no journal',
    run: async (slug) => {
      const tasks = statements(slugOf(slug)).map(
        (query) => ({ 'community.postgresql.postgresql_query': { ...login, query } }),
      )
      const file = path.join(place.folder, 'provision.json')
      // JSON is YAML.
      fs.writeFileSync(file, JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }]))
      await must([0], run(place, name, ['-i', 'localhost,', file], { env }))
    },
  }
}

function slugOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}
