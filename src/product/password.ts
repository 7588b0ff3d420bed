import { createHash, randomBytes, randomInt } from 'node:crypto'
import { Secret } from '../contract.ts'
import { OnboardError } from '../errors.ts'

/** bcrypt reads no further than this; two longer passwords with the same beginning would be one. */
const MOST_BYTES = 72
const COST = 12
/** Without letters and digits that are mistaken for each other when read aloud or typed from paper. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

/** The bcrypt hash of a password. Refuses one of over 72 bytes, and the empty one. */
export async function hashPassword(password: Secret, cost: number = COST): Promise<string> {
  const bytes = Buffer.byteLength(password.reveal())
  if (bytes === 0 || bytes > MOST_BYTES) {
    throw new OnboardError(
      'invalid',
      'password-length',
      `a password has 1 to ${MOST_BYTES} bytes; this one has ${bytes}`,
    )
  }
  const { default: bcrypt } = await import('bcrypt')
  return bcrypt.hash(password.reveal(), cost)
}

/**
 * The cost of hashing: 12, always, in a database with real time. Where the clock is simulated nobody's real password is
 * kept, and ONBOARD_BCRYPT_COST may lower it so that a thousand runs of a test end in time.
 */
export function bcryptCost(simulated: boolean, asked: string | undefined): number {
  const lower = Number(asked)
  return simulated && Number.isInteger(lower) && lower >= 4 && lower < COST ? lower : COST
}

/**
 * Passwords of people who sign in, at this cost. A comparison with nothing takes as long as one with a hash:
 * a stopwatch does not tell who is there.
 */
export function createPasswords(cost: number = COST) {
  // In the form of a hash, with the salt of zeros; that no password is known for it does not matter: it opens nothing.
  const nobody = `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
  return {
    hash: (password: Secret): Promise<string> => hashPassword(password, cost),
    async matches(password: Secret, hash: string | null): Promise<boolean> {
      const { default: bcrypt } = await import('bcrypt')
      const bytes = Buffer.byteLength(password.reveal())
      const isSame = await bcrypt.compare(password.reveal(), hash ?? nobody)
      return isSame && hash !== null && bytes > 0 && bytes <= MOST_BYTES
    },
  }
}

/** A password that no one has chosen: 20 signs in groups, 99 bits. */
export function newPassword(): Secret {
  const group = (): string => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return new Secret([group(), group(), group(), group()].join('-'))
}

/** A single-use token of 256 bits, and what is stored of it: its SHA-256 in hex. */
export function newToken(): { readonly token: Secret; readonly hash: string } {
  const token = randomBytes(32).toString('base64url')
  return { token: new Secret(token), hash: createHash('sha256').update(token).digest('hex') }
}

/**
 * The address under which a token is redeemed.
 * @param page `https://app.example/welcome`, or with `{token}` where the token belongs; else it becomes `?token=`
 */
export function tokenLink(page: string, token: Secret): Secret {
  const url = URL.canParse(page.replace('{token}', 'x')) ? new URL(page.replace('{token}', 'x')) : undefined
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    throw new OnboardError(
      'invalid',
      'set-password-url',
      `set_password_url: ${JSON.stringify(page)} is not an http or https address`,
    )
  }
  if (page.includes('{token}')) return new Secret(page.replace('{token}', token.reveal()))
  url.searchParams.set('token', token.reveal())
  return new Secret(url.href)
}
