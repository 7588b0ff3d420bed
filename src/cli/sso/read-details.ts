/**
 * What a person gives of an identity provider, by file, address or issuer → what sso.details takes.
 * Nothing is kept here.
 */
import { AGREED, MAPPING } from '../../actions/sso/_details.ts'
import { Secret } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Fetch } from '../../identity/http.ts'
import { mapped, usual } from '../../identity/login/mapping.ts'
import { LoginRefused, type Mapping } from '../../identity/login/types.ts'
import { readDocument } from '../../input/document.ts'
import type { JsonObject } from '../../model.ts'
import type { Context } from '../context.ts'
import { givenFile } from '../given.ts'

export interface Given {
  readonly metadata?: string | undefined
  /** Which one, where the metadata describes several, or where another took the place of the one before. */
  readonly entityId?: string | undefined
  readonly issuer?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecretFile?: string | undefined
  /** Besides the usual ones. */
  readonly scopes?: readonly string[] | undefined
  readonly mapping?: string | undefined
  readonly sample?: string | undefined
  /** What is left out stays as it was. */
  readonly idpInitiated?: boolean | undefined
  /** `60s` */
  readonly clockSkew?: string | undefined
  readonly jit?: boolean | undefined
}

/** What was read and judged. */
export interface Details {
  /** null: only a mapping or a sample was given. */
  readonly protocol: 'saml' | 'oidc' | null
  readonly idp: JsonObject | null
  readonly mapping: JsonObject | null
  readonly sample: JsonObject | null
  /** Only what was given. */
  readonly agreed: JsonObject
  readonly evidence: { readonly name: string; readonly bytes: Uint8Array } | null
}

interface Ground {
  readonly context: Context
  readonly fetch: Fetch
  /** The database's clock, ISO 8601. */
  readonly now: string
  /** Networks and hosts that may be reached though they are private. */
  readonly allow: readonly string[]
  readonly secret: Secret | null
  /** Whether client and secret are tried: not where the secret is one that was given before. */
  readonly tries: boolean
  /** The only redirect URI of ours. */
  readonly redirectUri: string
}

const LOOPBACK = /^(localhost|127\.|\[?::1)/
const METADATA_MS = 15_000
/** As the connections take it. */
const MOST_SKEW_S = AGREED.properties.clock_skew_s.maximum

/**
 * @throws OnboardError: invalid for what was given, verification for what was seen,
 * unreachable and forbidden as `fetch`
 */
export async function readDetails(given: Given, ground: Ground): Promise<Details> {
  const agreed = agreedOf(given)
  const mapping = await dataOf(ground.context, given.mapping, MAPPING)
  const sample = await sampleOf(ground.context, given.sample)
  const read = await provider(given, ground)
  if (sample !== null) preview(mapping, read.protocol, sample)
  return { ...read, mapping, sample, agreed }
}

/** @throws OnboardError (usage) for a skew that is none, or longer than any connection allows for */
export function agreedOf({ idpInitiated, clockSkew, jit }: Given): JsonObject {
  const skew = clockSkew === undefined ? undefined : skewIn(clockSkew)
  return {
    ...(skew === undefined ? {} : { clock_skew_s: skew }), ...(jit === undefined ? {} : { jit }),
    ...(idpInitiated === undefined ? {} : { idp_initiated: idpInitiated }),
  }
}

function skewIn(text: string): number {
  const [, count = '', unit] = /^(\d{1,3})(s|m)$/.exec(text) ?? []
  const seconds = count === '' ? Number.NaN : Number(count) * (unit === 'm' ? 60 : 1)
  if (seconds <= MOST_SKEW_S) return seconds
  const message = `--clock-skew ${text.slice(0, 40)} is not a time of at most ${MOST_SKEW_S} s, such as 60s or 2m`
  throw new OnboardError('usage', 'bad-skew', message)
}

/** The client secret: the first line of a file, or of standard input. */
export async function secretIn(context: Context, file: string): Promise<Secret> {
  const text = Buffer.from((await givenFile(context, file)).bytes).toString('utf8').replace(/\r?\n$/, '')
  if (text !== '' && text.length <= 1024 && !/[^\x20-\x7e]/.test(text)) return new Secret(text)
  throw new OnboardError(
    'invalid', 'no-secret', `${file} holds no client secret: one line of visible characters (RFC 6749 appendix A.2)`,
  )
}

type Read = Pick<Details, 'protocol' | 'idp' | 'evidence'>

async function provider(given: Given, ground: Ground): Promise<Read> {
  if (given.metadata !== undefined) return saml(given, ground)
  return given.issuer === undefined ? { protocol: null, idp: null, evidence: null } : oidc(given, ground)
}

async function saml({ metadata = '', entityId }: Given, ground: Ground): Promise<Read> {
  const isUrl = /^https?:/i.test(metadata)
  const bytes = isUrl ? await fetched(metadata, ground.fetch) : (await givenFile(ground.context, metadata)).bytes
  const { readMetadata } = await import('../../identity/saml/idp-metadata.ts')
  const asked = {
    now: ground.now,
    loopback: ground.allow.some((one) => LOOPBACK.test(one)),
    ...(entityId === undefined ? {} : { entityId }),
  }
  const { entity_id, sso, slo, certificates, valid_until } = seen(() => readMetadata(bytes, asked), isUrl)
  const both = ({ redirect, post }: { readonly redirect?: string; readonly post?: string }): JsonObject => (
    { redirect: redirect ?? null, post: post ?? null }
  )
  const idp = {
    entity_id, sso: both(sso), slo: both(slo), certificates: certificates.map((one) => ({ ...one })), valid_until,
    metadata_url: isUrl ? metadata : null, metadata_at: ground.now,
  }
  return { protocol: 'saml', idp, evidence: { name: 'metadata.xml', bytes } }
}

/** What is wrong with an answer was observed, and not given. */
function seen<T>(read: () => T, isUrl: boolean): T {
  try {
    return read()
  } catch (error) {
    const isSeen = isUrl && error instanceof OnboardError && error.kind === 'invalid'
    if (!isSeen || error.code === 'metadata-several') throw error
    throw new OnboardError('verification', error.code, error.message, { suggestions: error.suggestions, cause: error })
  }
}

async function fetched(address: string, fetch: Fetch): Promise<Uint8Array> {
  const url = URL.parse(address)
  const isNobodys = url !== null && url.username === '' && url.password === ''
  if (!isNobodys || (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname))) {
    const message = `${address.slice(0, 200)} is no address that begins with https:// and has no user in it; `
      + 'whoever changed the metadata on its way could sign in as anybody'
    throw new OnboardError('invalid', 'metadata-plain-http', message)
  }
  const headers = { accept: 'application/samlmetadata+xml, application/xml, text/xml' }
  const answer = await fetch({ url: url.href, method: 'GET', headers, timeout_ms: METADATA_MS, redirects: 0 })
  const wrong = (code: string, what: string): OnboardError => (
    new OnboardError('verification', code, `${url.href} ${what}`)
  )
  if (answer.status >= 300 && answer.status < 400) {
    const to = answer.headers['location']?.slice(0, 200) ?? 'elsewhere'
    throw wrong('metadata-redirects', `leads to ${to}: give that address, if it is the customer's`)
  }
  if (answer.status !== 200) throw wrong('metadata-status', `answers with ${answer.status}`)
  return Buffer.from(answer.body, 'utf8')
}

async function oidc(
  { issuer = '', clientId, scopes = [] }: Given, { fetch, secret, tries, redirectUri }: Ground,
): Promise<Read> {
  if (clientId === undefined || clientId.trim() === '') {
    throw new OnboardError('usage', 'client-missing', '--issuer needs --client-id: our name at that provider')
  }
  const [{ discover }, { tryClient }] = await Promise.all(
    [import('../../identity/oidc/discovery.ts'), import('../../identity/oidc/try-client.ts')],
  )
  const facts = await discover(issuer, { fetch })
  if (tries) await tryClient(facts, { id: clientId, secret, redirect_uri: redirectUri }, fetch)
  const all = [...new Set(['openid', 'email', 'profile', ...scopes])]
  const bytes = Buffer.from(`${JSON.stringify(facts, null, 2)}\n`)
  return {
    protocol: 'oidc',
    idp: { issuer, client_id: clientId, client_secret: secret !== null, scopes: all },
    evidence: { name: 'openid-configuration.json', bytes },
  }
}

/** A YAML or JSON file; every finding with its line. */
async function dataOf(context: Context, file: string | undefined, schema: object): Promise<JsonObject | null> {
  if (file === undefined) return null
  const { bytes } = await givenFile(context, file)
  const { value, diagnostics } = readDocument(bytes, { file, schema: schema as never })
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (value !== undefined && errors.length === 0) return value as JsonObject
  const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`
  throw new OnboardError('invalid', 'data-invalid', `${file} has ${count}`, {
    diagnostics, ...(errors[0] === undefined ? {} : { at: errors[0] }),
  })
}

const VALUES = { type: 'object', additionalProperties: { type: ['string', 'array', 'number', 'boolean'] } }

/** Values as they stand in a sample, one text or several → lists. */
async function sampleOf(context: Context, file: string | undefined): Promise<JsonObject | null> {
  const sample = await dataOf(context, file, VALUES)
  if (sample === null) return null
  return Object.fromEntries(Object.entries(sample).map(([name, one]) => [name, [one].flat().map(String)]))
}

function preview(mapping: JsonObject | null, protocol: 'saml' | 'oidc' | null, sample: JsonObject): void {
  try {
    const by = (mapping as unknown as Mapping | null) ?? usual(protocol ?? 'saml')
    mapped(by, sample as unknown as Record<string, readonly string[]>)
  } catch (error) {
    if (!(error instanceof LoginRefused)) throw error
    throw new OnboardError(
      'verification', error.code, `Of the sample nobody could be made: ${error.message}.`, { cause: error },
    )
  }
}
