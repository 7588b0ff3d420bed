/** What an identity provider publishes, as the answer to sso.details holds it. */
import { X509Certificate } from 'node:crypto'
import type { Certificate } from '../../identity/login/types.ts'
import { isObject, type Json } from '../../model.ts'

const text = (description: string, more: object = {}) =>
  ({ type: 'string', minLength: 1, description, ...more }) as const
const address = { type: ['string', 'null'], description: 'Address; null: it has none of this binding.' } as const
const bindings = {
  type: 'object', additionalProperties: false, required: ['redirect', 'post'],
  properties: { redirect: address, post: address },
} as const

/** A SAML identity provider: what its metadata says. */
export const SAML_IDP = {
  type: 'object',
  additionalProperties: false,
  required: ['entity_id', 'sso', 'slo', 'certificates', 'valid_until', 'metadata_url', 'metadata_at'],
  properties: {
    entity_id: text('Its name.', { maxLength: 1024 }),
    sso: { ...bindings, description: 'Where a login goes, by binding.' },
    slo: { ...bindings, description: 'Where a logout goes, by binding.' },
    certificates: {
      type: 'array', minItems: 1, maxItems: 10, description: 'All with which it may sign.',
      items: {
        type: 'object', additionalProperties: false,
        required: ['pem', 'subject', 'fingerprint', 'not_before', 'not_after'],
        properties: {
          pem: text('PEM.'), subject: { type: 'string' }, fingerprint: text('SHA-256.'), not_before: text('From.'),
          not_after: text('To.'),
        },
      },
    },
    valid_until: { type: ['string', 'null'], description: 'Instant after which this holds no more; null: not said.' },
    metadata_url: {
      type: ['string', 'null'], description: 'Where it can be fetched again; null: it was given as a file.',
    },
    metadata_at: text('When it was fetched or given.'),
  },
} as const

/** An OpenID provider, and us as its client. */
export const OIDC_IDP = {
  type: 'object',
  additionalProperties: false,
  required: ['issuer', 'client_id', 'client_secret', 'scopes'],
  properties: {
    issuer: text('Character by character as it names itself.', { maxLength: 1024 }),
    client_id: text('Our name there.', { maxLength: 300 }),
    client_secret: {
      type: 'boolean',
      description: 'Whether there is a secret, given with --client-secret-file; else PKCE alone proves us.',
    },
    scopes: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'What is asked for.' },
  },
} as const

const names = (description: string) =>
  ({ type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, description }) as const

export const MAPPING = {
  type: 'object',
  additionalProperties: false,
  required: ['email', 'name', 'role_default'],
  properties: {
    email: names('Attributes or claims that hold the mail address, the first that is there counts.'),
    name: names("Those that hold the person's name."),
    role: names('Those that say the role; left out: everybody new gets role_default.'),
    roles: {
      type: 'array', description: 'Which value gives which role; of several the first in this order.',
      items: {
        type: 'object', additionalProperties: false, required: ['value', 'role'],
        properties: {
          value: { type: 'string', minLength: 1 },
          role: { type: 'string', enum: ['admin', 'manager', 'member', 'viewer'] },
        },
      },
    },
    role_default: {
      type: 'string',
      enum: ['admin', 'manager', 'member', 'viewer'],
      description: 'Of those whom no value gives a role.',
    },
  },
} as const

/** Attributes of one person, as lists of text. */
export const SAMPLE = {
  type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } },
  description: 'What the identity provider sends of one person: a list of values by name.',
} as const

/** What vendor and customer agree upon, where it is another thing than usual. */
export const AGREED = {
  type: 'object',
  additionalProperties: false,
  required: ['clock_skew_s', 'jit', 'idp_initiated'],
  properties: {
    clock_skew_s: {
      type: 'integer', minimum: 0, maximum: 300, description: 'How far the clocks may be apart, in seconds.',
    },
    jit: { type: 'boolean', description: 'Whether somebody unknown gets an account at the first login.' },
    idp_initiated: {
      type: 'boolean',
      description:
        'SAML: whether a login may begin there, without our asking: '
        + 'somebody else could then sign a person in as themselves.',
    },
  },
} as const

/** Where nobody says otherwise. */
export const USUAL = { clock_skew_s: 60, jit: true, idp_initiated: false } as const

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Over TLS; plain HTTP is for this machine alone. */
function isSafe(value: Json | undefined): boolean {
  const url = typeof value === 'string' ? URL.parse(value) : null
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
}

/**
 * Why this is not what metadata says; null: it is.
 * Its certificates are read again, so that nobody's words pass for them.
 */
export function wrongSaml(idp: Json | undefined): string | null {
  if (!isObject(idp)) return 'what the metadata says is missing'
  if (typeof idp['entity_id'] !== 'string' || idp['entity_id'] === '') return 'entity_id is missing'
  const [sso, slo] = [idp['sso'], idp['slo']]
  if (!isObject(sso) || !isObject(slo)) return 'sso and slo are { redirect, post }'
  const all = [sso['redirect'], sso['post'], slo['redirect'], slo['post']].filter(
    (one) => one !== null && one !== undefined,
  )
  if (!all.every(isSafe)) return 'its addresses begin with https://'
  if (sso['redirect'] == null && sso['post'] == null) return 'sso has no address'
  const { certificates } = idp as { certificates?: unknown }
  if (!Array.isArray(certificates) || certificates.length === 0) return 'certificates are missing'
  return (certificates as readonly Certificate[]).every(isWhatItSays) ? null : 'a certificate is not what is said of it'
}

function isWhatItSays({ pem, fingerprint, not_after }: Certificate): boolean {
  try {
    const read = new X509Certificate(pem)
    return read.fingerprint256 === fingerprint && read.validToDate.getTime() === Date.parse(not_after)
  } catch {
    return false
  }
}

/** Why this is no client of an OpenID provider; null: it is. */
export function wrongOidc(idp: Json | undefined): string | null {
  if (!isObject(idp)) return 'issuer and client are missing'
  if (!isSafe(idp['issuer'])) return 'issuer begins with https://'
  if (typeof idp['client_id'] !== 'string' || idp['client_id'] === '') return 'client_id is missing'
  const scopes = idp['scopes']
  if (!Array.isArray(scopes) || !scopes.includes('openid')) {
    return 'scopes has openid in it (OpenID Connect Core 1.0 §3.1.2.1)'
  }
  return typeof idp['client_secret'] === 'boolean' ? null : 'client_secret is true or false'
}

/** Why this is nothing that can be agreed upon; null: it is. What is left out is as usual. */
export function wrongAgreed(agreed: Json, isSaml: boolean): string | null {
  if (!isObject(agreed)) return 'agreed is { clock_skew_s, jit, idp_initiated }'
  const { clock_skew_s: skew = USUAL.clock_skew_s, jit = true, idp_initiated: begins = false, ...more } = agreed
  if (Object.keys(more).length > 0) return `agreed has no ${Object.keys(more).join(', ')}`
  if (typeof skew !== 'number' || !Number.isInteger(skew) || skew < 0 || skew > 300) return 'clock_skew_s is 0 to 300'
  if (typeof jit !== 'boolean' || typeof begins !== 'boolean') return 'jit and idp_initiated are true or false'
  return begins && !isSaml ? 'idp_initiated is for SAML: an OpenID login always begins here' : null
}
