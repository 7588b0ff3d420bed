/** Our own keys towards identity providers: they sign what we ask, and decrypt what we are told. */
import { generateKeyPair, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { Secret } from '../../contract.ts'
import type { Place, Seal } from '../seal.ts'
import type { Query, Tables } from '../sql.ts'
import { bits, integer, nothing, octets, oid, sequence, set, tagged, time, utf8, yes } from './der.ts'

const BITS = 2048
/** Longer than most customers wait with a rotation, shorter than anybody would be surprised by. */
const YEARS = 3
const SHA256_RSA = () => sequence(oid('1.2.840.113549.1.1.11'), nothing())

export interface NewKey {
  /** PEM, self-signed: identity providers pin it, and no authority vouches for it. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly privateKey: Secret
  /** ISO 8601 instant. */
  readonly expires_at: string
}

/** A key pair with its certificate, good from `now` (ISO 8601) on. @param tenantName for its subject */
export async function newKey(tenantName: string, now: string): Promise<NewKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS })
  const from = new Date(now)
  const until = new Date(now)
  until.setUTCFullYear(until.getUTCFullYear() + YEARS)
  // X.520 gives a common name 64 characters.
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8([...`SAML ${tenantName}`].slice(0, 64).join('')))))
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))), integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])), SHA256_RSA(),
    name, sequence(time(from), time(until)), name, publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(
      // No authority; digitalSignature and keyEncipherment (RFC 5280 §4.2.1.3).
      sequence(oid('2.5.29.19'), yes(), octets(sequence())),
      sequence(oid('2.5.29.15'), yes(), octets(bits(Buffer.from([0b1010_0000]), 5))),
    )),
  )
  const certificate = sequence(body, SHA256_RSA(), bits(sign('sha256', body, privateKey)))
  return {
    certificate: pemOf(certificate),
    privateKey: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    expires_at: until.toISOString(),
  }
}

/** DER → PEM. */
export const pemOf = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${lines64(bytes)}\n-----END CERTIFICATE-----\n`

const lines64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')

/** PEM → base64 of its DER in one line. */
export const bodyOf = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')

export interface SpKey {
  readonly id: string
  readonly certificate: string
  readonly privateKey: Secret
  /** ISO 8601 instant. */
  readonly expires_at: string
  /** true: it signs no more, and still decrypts. */
  readonly retired: boolean
}

/** Where a private key belongs: what it is sealed for. */
export const keyPlace = (tenant: string, row: string): Place => ['sso_keys.private_key', tenant, row]

/** A tenant's keys, newest first. @param tenant its id */
export async function keysOf(
  query: Query, { keys }: Pick<Tables, 'keys'>, seal: Seal, tenant: string,
): Promise<SpKey[]> {
  const rows = await query<Omit<SpKey, 'privateKey'> & { private_key: string }>(
    `SELECT id::text, certificate, private_key, retired_at IS NOT NULL AS retired,
            to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at
       FROM ${keys} WHERE tenant_id = $1 ORDER BY created_at DESC, id`,
    [tenant],
  )
  return rows.map(({ private_key, ...key }) => ({
    ...key, privateKey: seal.open(private_key, keyPlace(tenant, key.id)),
  }))
}

/** The one that signs: the newest that is not retired. */
export const signingKey = (keys: readonly SpKey[]): SpKey | undefined => keys.find(({ retired }) => !retired)
