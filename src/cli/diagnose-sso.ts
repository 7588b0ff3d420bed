/** Why people cannot sign in through their identity provider, in words that its administrator can act on. */
import type { Reader } from '../contract.ts'
import type { Work } from '../engine/ports.ts'
import { connectionsOf } from '../identity/login/connections.ts'
import { ending, said } from '../identity/login/expiring.ts'
import { type Trace, tracesOf } from '../identity/login/traces.ts'
import type { Connection } from '../identity/login/types.ts'
import { oidcUrls } from '../identity/oidc/urls.ts'
import { spUrls } from '../identity/saml/urls.ts'
import { type Query, type Tables, tablesOf } from '../identity/sql.ts'
import type { JsonObject } from '../model.ts'
import { type Diagnosis, finding, type Finding, tenantOf } from '../onboarding/diagnose.ts'

type Seen = Omit<Finding, 'name' | 'next'> & { readonly next?: string | null }

/** Metadata that is older may have been forgotten: certificates are changed about once a year. */
const OLD_DAYS = 180
const DAYS = 7
const MOST = 200
/** Refusals that are shown one by one. */
const SHOWN = 3
/** So far apart a clock is not merely slow. */
const SKEW_S = 30

/** Codes by which the two clocks disagree. */
const OF_CLOCKS: ReadonlySet<string> = new Set(['expired', 'not-yet-valid', 'issued-in-future'])
/** Codes by which the other side has another address of ours. */
const OF_ADDRESSES: ReadonlySet<string> = new Set(
  ['wrong-recipient', 'wrong-destination', 'wrong-audience', 'code-refused'],
)

interface Ground {
  readonly read: Reader
  readonly query: Query
  readonly tables: Tables
  readonly key: string
  /** Of the gateway, as browsers see it. */
  readonly origin: string
  /** ISO 8601 instant. */
  readonly now: string
}

export async function diagnoseSso(work: Work): Promise<Diagnosis> {
  const { key } = work.onboarding
  return work.reading(async (reading, { now }) => {
    const read = reading(key)
    const { schema } = read.product
    if (schema === null) return {
      onboarding: key, findings: [
        {
          name: 'connection', state: 'not_checked', message: 'the product is mapped: its own server answers for single sign-on', next: null,
        },
      ],
    }
    const tables = tablesOf(schema)
    const query: Query = (sql, params) => read.many(sql, params)
    const vendor = work.inputs.config['vendor'] as JsonObject | undefined
    const ground = { read, query, tables, key, origin: new URL(String(vendor?.['app_url'])).origin, now }
    const all = await connectionsOf(query, tables, tenantOf(work))
    if (all.length === 0) return {
      onboarding: key, findings: [
        { name: 'connection', state: 'warn', message: 'there is none yet', next: `onboard sso ${key} --metadata FILE` },
      ],
    }
    const findings = await Promise.all(all.map((one) => findingsOf(ground, one)))
    const many = all.length > 1
    return {
      onboarding: key, findings: findings.flatMap(
        (group, at) => group.map((one) => (many ? { ...one, name: `${all[at]?.name ?? ''}: ${one.name}` } : one)),
      ),
    }
  })
}

async function findingsOf(ground: Ground, connection: Connection): Promise<Finding[]> {
  const { query, tables, key } = ground
  const since = new Date(Date.parse(ground.now) - DAYS * 86_400_000).toISOString()
  const traces = await tracesOf(query, tables, { connection: connection.id, since, most: MOST })
  const refused = traces.filter(({ accepted }) => !accepted)
  return [
    await finding('connection', async () => standing(connection, key)),
    await finding('addresses', async () => addresses(ground, connection, refused)),
    ...(connection.protocol === 'saml' ? [await finding('metadata', async () => metadata(connection, ground)), await finding('certificates', () => certificates(ground, connection))] : [await finding('client secret', () => secret(ground, connection))]),
    await finding('clocks', () => clocks(ground, connection, refused)),
    await finding('logins', () => logins(ground, connection, traces)),
    ...refusals(key, refused),
  ]
}

function standing({ protocol, enabled, mapping, name }: Connection, key: string): Seen {
  const what = protocol === 'saml' ? 'SAML' : 'OpenID Connect'
  if (mapping === null) return {
    state: 'warn', message: `${name}, ${what}: it is not declared yet which attributes are address, name and role`, next: `onboard sso ${key}`,
  }
  return enabled ? { state: 'ok', message: `${name}, ${what}, is switched on` } : {
    state: 'warn', message: `${name}, ${what}, is not switched on yet`, next: `onboard sso test ${key}`,
  }
}

function addresses({ origin }: Ground, { protocol, slug, name }: Connection, refused: readonly Trace[]): Seen {
  const ours = protocol === 'saml' ? `assertions go to ${spUrls(origin, slug, name).acs}, our entity ID is ${spUrls(origin, slug, name).entity_id}` : `the redirect URI is ${oidcUrls(origin, slug, name).callback}`
  const wrong = refused.filter(({ code }) => OF_ADDRESSES.has(code ?? ''))
  if (wrong.length === 0) return { state: 'ok', message: ours }
  return {
    state: 'fail', message: `${times(wrong.length)} the identity provider had another address of ours in the last ${DAYS} days: ${ours}. Compare them there, character by character.`,
  }
}

function metadata({ settings }: Extract<Connection, { protocol: 'saml' }>, { now, key }: Ground): Seen {
  const { metadata_at, metadata_url, valid_until } = settings
  const days = Math.floor((Date.parse(now) - Date.parse(metadata_at)) / 86_400_000)
  const age = `read ${days <= 0 ? 'today' : `${days} days ago`}${metadata_url === null ? ' from a file' : ` from ${metadata_url}`}`
  const again = `onboard sso ${key} --metadata ${metadata_url ?? 'FILE'}`
  if (valid_until !== null && Date.parse(valid_until) <= Date.parse(now)) return {
    state: 'fail', message: `${age}; it was good until ${valid_until}, and nobody gets in`, next: again,
  }
  if (valid_until !== null && Date.parse(valid_until) - Date.parse(now) < 30 * 86_400_000) return {
    state: 'warn', message: `${age}; it is good until ${valid_until}`, next: again,
  }
  return days > OLD_DAYS ? {
    state: 'warn', message: `${age}: certificates may have been changed since`, next: again,
  } : { state: 'ok', message: age }
}

async function certificates({ query, tables, now, key }: Ground, connection: Extract<Connection, { protocol: 'saml' }>): Promise<Seen> {
  const { slug, settings } = connection
  const again = `onboard sso ${key} --metadata ${settings.metadata_url ?? 'FILE'}`
  const good = settings.certificates.filter(
    ({ not_before, not_after }) => Date.parse(not_before) <= Date.parse(now) && Date.parse(now) < Date.parse(not_after),
  )
  if (good.length === 0) return {
    state: 'fail', message: `none of its certificates is good now: ${settings.certificates.map(({ subject, not_before, not_after }) => `${subject} from ${not_before.slice(0, 10)} to ${not_after.slice(0, 10)}`).join('; ')}`, next: again,
  }
  const soon = (await ending(query, tables, slug)).filter(
    ({ connection: name, replaced, what }) => (name === connection.name || name === null) && !replaced && what !== 'metadata',
  )
  if (soon.length > 0) return {
    state: soon.some(({ days }) => days < 0) ? 'fail' : 'warn', message: soon.map(said).join('; '), next: soon[0]?.what === 'own-certificate' ? `onboard sso rotate ${key}` : again,
  }
  return {
    state: 'ok', message: good.map(
      ({ subject, not_after, fingerprint }) => `${subject} until ${not_after.slice(0, 10)} (${fingerprint.slice(0, 11)}…)`,
    ).join('; '),
  }
}

async function secret({ read, tables, key }: Ground, { id, settings }: Extract<Connection, { protocol: 'oidc' }>): Promise<Seen> {
  const row = await read.one<{ has: boolean }>(
    `SELECT has_client_secret AS has FROM ${tables.connections} WHERE id = $1::uuid`, [id],
  )
  if (row?.has === true) return {
    state: 'ok', message: `client ${settings.client_id} at ${settings.issuer}, with a secret that is sealed`,
  }
  return {
    state: 'warn', message: `client ${settings.client_id} at ${settings.issuer} has no secret: PKCE alone proves us`, next: `onboard sso ${key} --client-secret-file FILE`,
  }
}

/** What the provider's clock says against ours, and what was refused for its time. */
async function clocks({ read, now }: Ground, connection: Connection, refused: readonly Trace[]): Promise<Seen> {
  const allowed = connection.settings.clock_skew_s
  const late = refused.filter(({ code }) => OF_CLOCKS.has(code ?? ''))
  const many = late.length > 0 ? `${times(late.length)} in the last ${DAYS} days an answer was refused for its time` : null
  const url = connection.protocol === 'saml' ? connection.settings.metadata_url : `${connection.settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const apart = url === null ? null : await apartFrom(read, url)
  if (apart === null) return many === null ? { state: 'ok', message: `nothing was refused for its time in the last ${DAYS} days; ${allowed} s are allowed` } : { state: 'warn', message: `${many}; ${allowed} s are allowed. Compare the identity provider's clock with ${now}.` }
  const fact = `the identity provider's clock and the database's are ${Math.abs(apart)} s apart; ${allowed} s are allowed`
  if (Math.abs(apart) > Math.max(allowed, SKEW_S)) return { state: 'fail', message: `${fact}. Have the clock set right that is wrong${many === null ? '' : `; ${many}`}.` }
  return many === null ? { state: 'ok', message: fact } : {
    state: 'warn', message: `${fact}, and ${many}: people may take longer than the answer is good for`,
  }
}

/** Seconds; null where nobody answers, or where the database's clock is simulated. */
async function apartFrom(read: Reader, url: string): Promise<number | null> {
  try {
    const { headers } = await read.http({ url, method: 'HEAD', timeout_ms: 5_000, redirects: 0 })
    const date = Date.parse(headers['date'] ?? '')
    const row = await read.one<{ now: number; real: boolean }>(
      `SELECT extract(epoch FROM onboard.now())::float8 AS now, abs(extract(epoch FROM clock_timestamp() - onboard.now())) < 3600 AS real`,
    )
    return row === undefined || !row.real || Number.isNaN(date) ? null : Math.round(date / 1000 - row.now)
  } catch {
    return null
  }
}

async function logins({ query, tables, key }: Ground, connection: Connection, traces: readonly Trace[]): Promise<Seen> {
  const [last] = await tracesOf(query, tables, { connection: connection.id, accepted: true, most: 1 })
  if (last === undefined) return {
    state: 'warn', message: 'nobody has signed in through it yet, not even to test it', next: `onboard sso test ${key}`,
  }
  const good = traces.filter(({ accepted }) => accepted).length
  return {
    state: 'ok', message: `the last ${last.purpose === 'test' ? 'test' : 'login'} succeeded at ${last.at.slice(0, 16)}Z; ${good} in the last ${DAYS} days`,
  }
}

/** The last refusals, the same ones together. */
function refusals(key: string, refused: readonly Trace[]): Finding[] {
  if (refused.length === 0) return [
    { name: 'refused', state: 'ok', message: `nothing was refused in the last ${DAYS} days`, next: null },
  ]
  const codes = [...new Set(refused.map(({ code }) => code ?? ''))].slice(0, SHOWN)
  return codes.map((code) => {
    const same = refused.filter((one) => (one.code ?? '') === code)
    const [last] = same
    return {
      name: `refused: ${code}`, state: 'warn', message: `${times(same.length)}, last at ${last?.at.slice(0, 16) ?? ''}Z: ${last?.reason ?? ''}`, next: `onboard sso test ${key}`,
    }
  })
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
