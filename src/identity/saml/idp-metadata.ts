/** Metadata of an identity provider (SAML metadata 2.0): what it says, and every reason not to take it. */
import { OnboardError } from '../../errors.ts'
import type { Binding, Certificate } from '../login/types.ts'
import { certificateOf, current } from './certificates.ts'
import { BINDINGS, NS } from './names.ts'
import { all, decoded, type Element, first, instant, named, withXml, XmlRefused } from './xml.ts'

/** A federation's list of everybody has more; a customer's own metadata has a hundredth. */
const MOST_BYTES = 5 * 1024 * 1024

export interface IdpMetadata {
  readonly entity_id: string
  /** Addresses by binding. */
  readonly sso: { readonly [binding in Binding]?: string }
  readonly slo: { readonly [binding in Binding]?: string }
  /** All that sign, those of the past and the future too. */
  readonly certificates: readonly Certificate[]
  /** ISO 8601 instant. */
  readonly valid_until: string | null
  /** Whether it refuses requests that are not signed. */
  readonly wants_signed_requests: boolean
  /** URIs, in its order of preference. */
  readonly name_id_formats: readonly string[]
}

interface Asked {
  /** ISO 8601 instant. */
  readonly now: string
  /** Which one, where it describes several; and which one it must describe. */
  readonly entityId?: string
  /** Whether plain HTTP is taken on loopback, for a test on one machine. */
  readonly loopback?: boolean
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
const refused = (code: string, message: string, suggestions: readonly string[] = []): OnboardError =>
  new OnboardError('invalid', code, message, { suggestions })

/** @throws OnboardError (invalid) */
export function readMetadata(bytes: Uint8Array, { now, entityId, loopback = false }: Asked): IdpMetadata {
  if (bytes.byteLength > MOST_BYTES) {
    throw refused(
      'metadata-too-large',
      `The metadata has more than ${MOST_BYTES / 1024 / 1024} MiB. That is a federation's list: `
        + 'ask for the metadata of this identity provider alone.',
    )
  }
  try {
    const text = decoded(bytes)
    if (text.trim() === '') throw refused('metadata-empty', 'The metadata is empty.')
    if (/^\s*(<!DOCTYPE\s+html|<html)/i.test(text)) {
      throw refused(
        'metadata-html',
        'This is a web page and no metadata. An address that wants a login gives its login page: '
          + 'save the metadata as a file and give that.',
      )
    }
    return withXml(text, 'skipped', (root) => factsOf(chosen(root, entityId), Date.parse(now), loopback))
  } catch (error) {
    if (!(error instanceof XmlRefused)) throw error
    const code = error.code === 'doctype' ? 'metadata-doctype' : 'metadata-not-xml'
    throw new OnboardError('invalid', code, `The metadata cannot be read: ${error.message}.`, { cause: error })
  }
}

function chosen(root: Element, entityId: string | undefined): Element {
  const entities = [...all(root)].filter(({ ns, name }) => ns === NS.metadata && name === 'EntityDescriptor')
  const isMetadata = root.ns === NS.metadata && ['EntityDescriptor', 'EntitiesDescriptor'].includes(root.name)
  if (!isMetadata || entities.length === 0) {
    throw refused(
      'metadata-other', `The file is XML and no SAML metadata: its root is ${root.name}, not EntityDescriptor.`,
    )
  }
  const idOf = (one: Element): string => one.attributes.get('entityID') ?? ''
  const providers = entities.filter((one) => first(one, NS.metadata, 'IDPSSODescriptor') !== undefined)
  if (entityId !== undefined) {
    const found = providers.filter((one) => idOf(one) === entityId)
    if (found.length === 1) return found[0] as Element
    throw refused(
      'metadata-other-entity',
      `The metadata does not describe ${entityId} but ${entities.map(idOf).slice(0, 5).join(', ')}.`,
    )
  }
  if (providers.length === 0) {
    throw refused(
      'metadata-no-idp',
      `The metadata of ${idOf(entities[0] as Element)} has no IDPSSODescriptor: `
        + 'it describes a service provider, as we are. Ask for the metadata of the identity provider.',
    )
  }
  if (providers.length > 1) {
    const ids = providers.slice(0, 10).map(idOf)
    const more = providers.length > ids.length ? ', …' : ''
    throw refused(
      'metadata-several',
      `The metadata describes ${providers.length} identity providers; say which one: ${ids.join(', ')}${more}.`,
      ids.map((id) => `--entity-id ${id}`),
    )
  }
  return providers[0] as Element
}

function factsOf(entity: Element, now: number, loopback: boolean): IdpMetadata {
  const entity_id = entity.attributes.get('entityID') ?? ''
  if (entity_id === '' || entity_id.length > 1024) {
    throw refused(
      'metadata-no-entity-id', 'The metadata has no entityID of 1 to 1024 characters (SAML metadata §2.3.2).',
    )
  }
  const descriptor = first(entity, NS.metadata, 'IDPSSODescriptor') as Element
  const valid_until = untilOf(descriptor)
  if (valid_until !== null && Date.parse(valid_until) <= now) {
    throw refused(
      'metadata-expired', `The metadata was good until ${valid_until}. Ask for new metadata, or for its address.`,
    )
  }
  const sso = addresses(descriptor, 'SingleSignOnService', loopback)
  if (sso.redirect === undefined && sso.post === undefined) {
    throw refused(
      'metadata-no-sso', `The metadata of ${entity_id} has no SingleSignOnService for HTTP-Redirect or HTTP-POST.`,
    )
  }
  return {
    entity_id, sso, slo: addresses(descriptor, 'SingleLogoutService', loopback),
    certificates: certificatesOf(descriptor, entity_id, now), valid_until,
    wants_signed_requests: ['true', '1'].includes(descriptor.attributes.get('WantAuthnRequestsSigned') ?? ''),
    name_id_formats: named(descriptor, NS.metadata, 'NameIDFormat').map(({ text }) => text.trim()),
  }
}

/** The earliest `validUntil` of the descriptor and all around it. */
function untilOf(descriptor: Element): string | null {
  let earliest: number | undefined
  for (let one: Element | null = descriptor; one !== null; one = one.parent) {
    const written = one.attributes.get('validUntil')
    if (written === undefined) continue
    const at = instant(written)
    if (at === undefined) {
      throw refused(
        'metadata-bad-date', `validUntil="${written.slice(0, 50)}" is no instant in UTC such as 2027-01-31T12:00:00Z.`,
      )
    }
    earliest = Math.min(at, earliest ?? at)
  }
  return earliest === undefined ? null : new Date(earliest).toISOString()
}

function addresses(descriptor: Element, name: string, loopback: boolean): { redirect?: string; post?: string } {
  const found: { redirect?: string; post?: string } = {}
  for (const { attributes } of named(descriptor, NS.metadata, name)) {
    const binding = (['redirect', 'post'] as const).find((one) => BINDINGS[one] === attributes.get('Binding'))
    if (binding === undefined || found[binding] !== undefined) continue
    const location = attributes.get('Location') ?? ''
    const url = URL.parse(location)
    if (url?.protocol !== 'https:' && !(loopback && url?.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
      throw refused(
        'metadata-plain-http',
        `The metadata's ${name} is at ${location.slice(0, 200) || '(nothing)'}, and assertions go over https alone.`,
      )
    }
    if (url.username !== '' || url.password !== '') {
      throw refused(
        'metadata-bad-address', `The metadata's ${name} has a user in its address.`,
      )
    }
    found[binding] = location
  }
  return found
}

function certificatesOf(descriptor: Element, entityId: string, now: number): Certificate[] {
  const found = new Map<string, Certificate>()
  const problems: string[] = []
  for (const key of named(descriptor, NS.metadata, 'KeyDescriptor')) {
    if ((key.attributes.get('use') ?? 'signing') !== 'signing') continue
    for (const { text } of [...all(key)].filter(({ ns, name }) => ns === NS.signature && name === 'X509Certificate')) {
      try {
        const certificate = certificateOf(Buffer.from(text.replaceAll(/\s/g, ''), 'base64'))
        found.set(certificate.fingerprint, certificate)
      } catch (error) {
        problems.push((error as Error).message)
      }
    }
  }
  const certificates = [...found.values()]
  if (certificates.length === 0) {
    const why = problems.length === 0 ? '' : ` that we can use: ${problems.join('; ')}`
    throw refused(
      'metadata-no-certificate',
      `The metadata of ${entityId} has no signing certificate${why}. `
        + 'Without one, nobody could tell its answers from forged ones.',
    )
  }
  if (current(certificates, now).length === 0 && !certificates.some(({ not_before }) => Date.parse(not_before) > now)) {
    const ends = certificates.map(({ subject, not_after }) => `${subject} on ${not_after.slice(0, 10)}`).join('; ')
    throw refused(
      'metadata-certificates-expired',
      `All signing certificates of ${entityId} have expired: ${ends}. Ask for metadata after the rotation.`,
    )
  }
  return certificates
}
