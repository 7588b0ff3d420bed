import type pg from 'pg'
import { codeOf, ident, literal } from './client.ts'

/** owner: makes tables; app: works; reader: SELECT only. */
export type Role = 'app' | 'reader' | 'owner'

export const roleName = (role: Role): string => `onboard_${role}`

/** Of whoever makes roles or databases on the server; others wait. */
const ROLES_LOCK = 7_265_010_318

/** Functions with which even a login that may only SELECT could store something: large objects. */
const WRITING_FUNCTIONS = [
  'lo_creat(integer)',
  'lo_create(oid)',
  'lo_from_bytea(oid, bytea)',
  'lo_put(oid, bigint, bytea)',
  'lo_unlink(oid)',
  'lo_open(oid, integer)',
  'lowrite(integer, bytea)',
  'lo_truncate(integer, integer)',
  'lo_truncate64(integer, bigint)',
]

/** Makes the three roles as logins where they are missing. Needs a superuser; safe for several at once. */
export async function makeLogins(superuser: pg.Client, password: string | null): Promise<void> {
  const secret = password === null ? '' : ` PASSWORD ${literal(password)}`
  const make = (['owner', 'app', 'reader'] as const).map(roleName).map(
    (name) => `IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}')
                 THEN CREATE ROLE ${name} LOGIN${secret}; END IF;`,
  )
  await superuser.query(
    `BEGIN; SELECT pg_advisory_xact_lock(${ROLES_LOCK}); DO $do$ BEGIN ${make.join(' ')} END $do$;
     GRANT onboard_reader TO onboard_app; -- so that a run can look as the reader on its own connection
     ALTER ROLE onboard_reader SET default_transaction_read_only = on; COMMIT`,
  )
}

/**
 * Makes a database of the owner's that only the three roles may enter; false: it is there already.
 * `template`: a database that nobody is connected to, copied with all it holds.
 */
export async function makeDatabase(superuser: pg.Client, name: string, template?: string): Promise<boolean> {
  try {
    const from = ident(template ?? 'template1')
    await superuser.query(`CREATE DATABASE ${ident(name)} OWNER onboard_owner TEMPLATE ${from}`)
  } catch (error) {
    // Somebody else may have been quicker, at any moment of it.
    if (codeOf(error) === '42P04' || codeOf(error) === '23505') return false
    throw error
  }
  return true
}

/** Rights that a new database has from itself and not from its template. */
export async function guardDatabase(superuser: pg.Client, name: string): Promise<void> {
  const database = ident(name)
  await superuser.query(
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
     GRANT CONNECT ON DATABASE ${database} TO onboard_owner, onboard_app, onboard_reader;
     GRANT TEMPORARY ON DATABASE ${database} TO onboard_owner, onboard_app`,
  )
}

/** Takes what writes in spite of everything from PUBLIC. Run by a superuser in the database itself. */
export async function guardFunctions(superuser: pg.Client): Promise<void> {
  await superuser.query(`REVOKE EXECUTE ON FUNCTION ${WRITING_FUNCTIONS.join(', ')} FROM PUBLIC`)
}
