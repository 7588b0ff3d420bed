import type pg from 'pg'
import { OnboardError, type Position } from '../errors.ts'
import { codeOf, connectClient } from './client.ts'
import { endpoint } from './embedded/endpoint.ts'
import { embeddedHome } from './embedded/home.ts'
import { openDatabase } from './open.ts'
import { roleName } from './roles.ts'
import { databaseError } from './trouble.ts'

/** What one statement gave. Values are text as PostgreSQL writes them, or null. */
export interface Ran {
  /** `SELECT`, `CREATE`, `INSERT`, … */
  readonly command: string
  /** Rows read or touched; null where the statement counts none. */
  readonly count: number | null
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

const AS_WRITTEN: pg.CustomTypesConfig = { getTypeParser: (() => (value: string) => value) as never }

/**
 * Runs SQL in an embedded database as its owner: all statements or none of them, unless they say BEGIN themselves.
 * @param file what to call the text in errors
 * @throws OnboardError invalid `sql-error` with the line of the statement that failed
 */
export async function runSql(
  name: string,
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Ran[]> {
  const database = await openDatabase({ kind: 'embedded', name }, { env })
  await database.close()
  const client = await connectClient({
    ...endpoint(embeddedHome(env)),
    user: roleName('owner'),
    database: name,
    application_name: 'onboard db sql',
    types: AS_WRITTEN,
  })
  try {
    const results = await client.query<(string | null)[]>({ text, rowMode: 'array' } as pg.QueryArrayConfig)
    return [results].flat().flatMap((result) => (result.command === null ? [] : [ranOf(result)]))
  } catch (error) {
    throw sqlError(error, database.label, text, file)
  } finally {
    await client.end()
  }
}

function ranOf(result: pg.QueryArrayResult<(string | null)[]>): Ran {
  return {
    command: result.command,
    count: result.rowCount,
    columns: result.fields.map(({ name }) => name),
    rows: result.rows,
  }
}

function sqlError(error: unknown, label: string, text: string, file: string): OnboardError {
  const known = databaseError(error, label)
  const code = codeOf(error)
  if (code === undefined || (known.code !== 'database-error' && known.code !== 'database-permission')) return known
  const { message, detail, hint, position } = error as pg.DatabaseError
  const at = position ? positionIn(text, Number(position), file) : undefined
  const more = [detail, hint].filter((one) => one !== undefined).join(' ')
  return new OnboardError('invalid', 'sql-error', `${message}${more ? `. ${more}` : ''} [${code}]; nothing was kept`, {
    ...(at ? { at } : {}),
    cause: error,
  })
}

/** PostgreSQL counts characters from 1. */
function positionIn(text: string, position: number, file: string): Position {
  const before = [...text].slice(0, position - 1).join('').split('\n')
  return { file, line: before.length, col: [...before.at(-1)!].length + 1 }
}
