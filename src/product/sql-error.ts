import { OnboardError } from '../errors.ts'

interface PgError {
  readonly code: string
  readonly message: string
  readonly detail?: string
  readonly constraint?: string
  readonly column?: string
}

function pgError(error: unknown): PgError | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string' && /^[0-9A-Z]{5}$/.test(e.code)) return e as unknown as PgError
  }
  return undefined
}

/** Begins the text by which a statement of ours says that a value lies where an object is needed: `… limits string`. */
export const IN_THE_WAY = 'in the way: '

/**
 * Does `work`, and says in our words what the database refused about the data itself.
 * Other errors (connection, disk, locks) pass as they are: they are not this statement's.
 * @param what the row it was done to: `tenant acme`, `table regions`
 * @param hidden texts that the database may quote, and nobody is to read
 */
export async function refusals<T>(what: string, work: () => Promise<T>, hidden: readonly string[] = []): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const said = pgError(error)
    const refusal = said === undefined ? undefined : refusalOf(said, what)
    if (refusal === undefined) throw error
    const message = hidden.reduce((text, secret) => text.replaceAll(secret, '***'), refusal.message)
    throw new OnboardError(refusal.kind, refusal.code, message, hidden.length > 0 ? {} : { cause: error })
  }
}

interface Refusal {
  readonly kind: 'conflict' | 'invalid' | 'forbidden'
  readonly code: string
  readonly message: string
}

function refusalOf(error: PgError, what: string): Refusal | undefined {
  const by = error.constraint === undefined ? '' : ` (constraint ${error.constraint})`
  switch (error.code) {
    case '23505':
      return { kind: 'conflict', code: 'already-taken', message: `${what}: another row has the same unique value${by}` }
    case '23503':
      return {
        kind: 'conflict',
        code: 'referenced',
        message: `${what}: a row that this one refers to is missing, or rows refer to it${by}`,
      }
    case '23502':
      return { kind: 'invalid', code: 'value-needed', message: `${what}: column ${error.column ?? '?'} needs a value` }
    case '23514':
      return {
        kind: 'invalid',
        code: 'value-refused',
        message: `${what}: the database does not accept this value${by}`,
      }
    case '42501':
      return {
        kind: 'forbidden',
        code: 'permission-denied',
        message: `${what}: ${error.message}; its owner has to ${granting(error.message)}`,
      }
    case '22P02': {
      const [, path, kind] = new RegExp(`${IN_THE_WAY}(.*) (\\w+)"`).exec(error.message) ?? []
      const message =
        path === undefined ? error.message : `${path} holds a ${kind} where an object is needed; it is not overwritten`
      return { kind: 'invalid', code: 'value-refused', message: `${what}: ${message}` }
    }
    default:
      // 22: a value that its column's type cannot hold.
      return error.code.startsWith('22')
        ? { kind: 'invalid', code: 'value-refused', message: `${what}: ${error.message}` }
        : undefined
  }
}

/** A schema of one's own is forgotten most often, and the way to it is one line. */
function granting(message: string): string {
  const [, schema] = /permission denied for schema (.+)$/.exec(message) ?? []
  return schema === undefined
    ? 'GRANT it: SELECT to onboard_reader, that and what is written to onboard_app'
    : `type GRANT USAGE ON SCHEMA ${schema} TO onboard_app, onboard_reader`
}
