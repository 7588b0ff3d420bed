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

type SamlConnection = Extract<Connection, { protocol: 'saml' }>
type OidcConnection = Extract<Connection, { protocol: 'oidc' }>
type Seen = Omit<Finding, 'name' | 'next'> & { readonly next?: string | null }

/** Metadata that is older may have been forgotten: certificates are changed about once a year. */
const OLD_DAYS = 180
/** Metadata that ends so soon is said to. */
const SOON_MS = 30 * 86_400_000
/** Of so many days logins and refusals are looked at. */
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
    const only = (state: Finding['state'], message: string, next: string | null): Diagnosis => (
      { onboarding: key, findings: [{ name: 'connection', state, message, next }] }
    )
    if (schema === null) {
      return only('not_checked', 'the product is mapped: its own server answers for single sign-on', null)
    }
    const tables = tablesOf(schema)
    const query: Query = (sql, params) => read.many(sql, params)
    const vendor = work.inputs.config['vendor'] as JsonObject | undefined
    const ground = { read, query, tables, key, origin: new URL(String(vendor?.['app_url'])).origin, now }
    const all = await connectionsOf(query, tables, tenantOf(work))
    if (all.length === 0) return only('warn', 'there is none yet', `onboard sso ${key} --metadata FILE`)
    const findings = await Promise.all(all.map(async (one) => {
      const group = await findingsOf(ground, one)
      return all.length === 1 ? group : group.map((found) => ({ ...found, name: `${one.name}: ${found.name}` }))
    }))
    return { onboarding: key, findings: findings.flat() }
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
    ...(connection.protocol === 'saml' ? [
      await finding('metadata', async () => metadata(connection, ground)),
      await finding('certificates', () => certificates(ground, connection)),
    ] : [await finding('client secret', () => secret(ground, connection))]),
    await finding('clocks', () => clocks(ground, connection, refused)),
    await finding('logins', () => logins(ground, connection, traces)),
    ...refusals(key, refused),
  ]
}

function standing({ protocol, enabled, mapping, name }: Connection, key: string): Seen {
  const what = protocol === 'saml' ? 'SAML' : 'OpenID Connect'
  if (mapping === null) {
    const message = `${name}, ${what}: it is not declared yet which attributes are address, name and role`
    return { state: 'warn', message, next: `onboard sso ${key}` }
  }
  if (enabled) return { state: 'ok', message: `${name}, ${what}, is switched on` }
  return { state: 'warn', message: `${name}, ${what}, is not switched on yet`, next: `onboard sso test ${key}` }
}

function addresses({ origin }: Ground, { protocol, slug, name }: Connection, refused: readonly Trace[]): Seen {
  const { acs, entity_id } = spUrls(origin, slug, name)
  const ours = protocol === 'saml'
    ? `assertions go to ${acs}, our entity ID is ${entity_id}`
    : `the redirect URI is ${oidcUrls(origin, slug, name).callback}`
  const wrong = refused.filter(({ code }) => OF_ADDRESSES.has(code ?? ''))
  if (wrong.length === 0) return { state: 'ok', message: ours }
  const message = `${times(wrong.length)} the identity provider had another address of ours in the last ${DAYS} days: `
    + `${ours}. Compare them there, character by character.`
  return { state: 'fail', message }
}

function metadata({ settings }: SamlConnection, { now, key }: Ground): Seen {
  const { metadata_at, metadata_url, valid_until } = settings
  const days = Math.floor((Date.parse(now) - Date.parse(metadata_at)) / 86_400_000)
  const when = days <= 0 ? 'today' : `${days} days ago`
  const age = `read ${when} from ${metadata_url ?? 'a file'}`
  const again = `onboard sso ${key} --metadata ${metadata_url ?? 'FILE'}`
  const left = valid_until === null ? Infinity : Date.parse(valid_until) - Date.parse(now)
  if (left <= 0) {
    return { state: 'fail', message: `${age}; it was good until ${valid_until}, and nobody gets in`, next: again }
  }
  if (left < SOON_MS) return { state: 'warn', message: `${age}; it is good until ${valid_until}`, next: again }
  if (days <= OLD_DAYS) return { state: 'ok', message: age }
  return { state: 'warn', message: `${age}: certificates may have been changed since`, next: again }
}

async function certificates({ query, tables, now, key }: Ground, connection: SamlConnection): Promise<Seen> {
  const { slug, settings } = connection
  const again = `onboard sso ${key} --metadata ${settings.metadata_url ?? 'FILE'}`
  const good = settings.certificates.filter(
    ({ not_before, not_after }) => Date.parse(not_before) <= Date.parse(now) && Date.parse(now) < Date.parse(not_after),
  )
  if (good.length === 0) {
    const spans = settings.certificates.map(
      ({ subject, not_before, not_after }) => `${subject} from ${not_before.slice(0, 10)} to ${not_after.slice(0, 10)}`,
    )
    return { state: 'fail', message: `none of its certificates is good now: ${spans.join('; ')}`, next: again }
  }
  const isIts = (name: string | null): boolean => name === connection.name || name === null
  const soon = (await ending(query, tables, slug)).filter(
    ({ connection: name, replaced, what }) => isIts(name) && !replaced && what !== 'metadata',
  )
  if (soon.length > 0) {
    const isOurs = soon[0]?.what === 'own-certificate'
    return {
      state: soon.some(({ days }) => days < 0) ? 'fail' : 'warn', message: soon.map(said).join('; '),
      next: isOurs ? `onboard sso rotate ${key}` : again,
    }
  }
  const known = good.map(({ subject, not_after, fingerprint }) => (
    `${subject} until ${not_after.slice(0, 10)} (${fingerprint.slice(0, 11)}…)`
  ))
  return { state: 'ok', message: known.join('; ') }
}

async function secret({ read, tables, key }: Ground, { id, settings }: OidcConnection): Promise<Seen> {
  const row = await read.one<{ has: boolean }>(
    `SELECT has_client_secret AS has FROM ${tables.connections} WHERE id = $1::uuid`, [id],
  )
  const client = `client ${settings.client_id} at ${settings.issuer}`
  if (row?.has === true) return { state: 'ok', message: `${client}, with a secret that is sealed` }
  const message = `${client} has no secret: PKCE alone proves us`
  return { state: 'warn', message, next: `onboard sso ${key} --client-secret-file FILE` }
}

/** What the provider's clock says against ours, and what was refused for its time. */
async function clocks({ read, now }: Ground, connection: Connection, refused: readonly Trace[]): Promise<Seen> {
  const allowed = connection.settings.clock_skew_s
  const late = refused.filter(({ code }) => OF_CLOCKS.has(code ?? ''))
  const many = late.length === 0
    ? null
    : `${times(late.length)} in the last ${DAYS} days an answer was refused for its time`
  const url = clockUrl(connection)
  const apart = url === null ? null : await apartFrom(read, url)
  if (apart === null) {
    const said = `${many ?? `nothing was refused for its time in the last ${DAYS} days`}; ${allowed} s are allowed`
    if (many === null) return { state: 'ok', message: said }
    return { state: 'warn', message: `${said}. Compare the identity provider's clock with ${now}.` }
  }
  const seconds = Math.abs(apart)
  const fact = `the identity provider's clock and the database's are ${seconds} s apart; ${allowed} s are allowed`
  if (seconds > Math.max(allowed, SKEW_S)) {
    const also = many === null ? '' : `; ${many}`
    return { state: 'fail', message: `${fact}. Have the clock set right that is wrong${also}.` }
  }
  if (many === null) return { state: 'ok', message: fact }
  return { state: 'warn', message: `${fact}, and ${many}: people may take longer than the answer is good for` }
}

/** What the provider serves itself, and answers with its time; null: its metadata came as a file. */
function clockUrl({ protocol, settings }: Connection): string | null {
  if (protocol === 'saml') return settings.metadata_url
  return `${settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

/** Seconds; null where nobody answers, or where the database's clock is simulated. */
async function apartFrom(read: Reader, url: string): Promise<number | null> {
  try {
    const { headers } = await read.http({ url, method: 'HEAD', timeout_ms: 5_000, redirects: 0 })
    const date = Date.parse(headers['date'] ?? '')
    const row = await read.one<{ now: number; real: boolean }>(
      `SELECT extract(epoch FROM onboard.now())::float8 AS now,
              abs(extract(epoch FROM clock_timestamp() - onboard.now())) < 3600 AS real`,
    )
    return row === undefined || !row.real || Number.isNaN(date) ? null : Math.round(date / 1000 - row.now)
  } catch {
    return null
  }
}

async function logins({ query, tables, key }: Ground, connection: Connection, traces: readonly Trace[]): Promise<Seen> {
  const [last] = await tracesOf(query, tables, { connection: connection.id, accepted: true, most: 1 })
  if (last === undefined) {
    const message = 'nobody has signed in through it yet, not even to test it'
    return { state: 'warn', message, next: `onboard sso test ${key}` }
  }
  const good = traces.filter(({ accepted }) => accepted).length
  const what = last.purpose === 'test' ? 'test' : 'login'
  const when = `${last.at.slice(0, 16)}Z`
  return { state: 'ok', message: `the last ${what} succeeded at ${when}; ${good} in the last ${DAYS} days` }
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
    const when = `${times(same.length)}, last at ${last?.at.slice(0, 16) ?? ''}Z`
    return {
      name: `refused: ${code}`, state: 'warn',
      message: `${when}: ${last?.reason ?? ''}`, next: `onboard sso test ${key}`,
    }
  })
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
