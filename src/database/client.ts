import pg from 'pg'
import { keptOr } from './kept.ts'

/** SQLSTATE or system error code, where the error has one. */
export const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** Types that JavaScript would cut short stay the text that PostgreSQL writes: dates and times, as int8 and numeric. */
const AS_TEXT: readonly number[] = [1082, 1083, 1114, 1184, 1186, 1266]
const text = (value: string): string => value
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    AS_TEXT.includes(oid) && format !== 'binary' ? text : pg.types.getTypeParser(oid, format)) as never,
}

/**
 * A connected client. Dates and times come as PostgreSQL writes them (session time zone UTC), int8 and numeric as
 * strings, json parsed, bytea as Buffer. A connection that breaks while nobody waits on it does not end the process:
 * the next query fails with it.
 */
export function connectClient(config: pg.ClientConfig): Promise<pg.Client> {
  return keptOr(config, () => connectNew(config))
}

async function connectNew(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ types, ...config })
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** `name` as an identifier in SQL. */
export const ident = (name: string): string => pg.escapeIdentifier(name)
/** `value` as a string constant in SQL. */
export const literal = (value: string): string => pg.escapeLiteral(value)
