import type { Client } from 'pg'
import type { Program, ProgramResult, Reader, Row, Writer } from '../contract.ts'
import type { Product } from '../product/port.ts'

/** What a Reader needs besides a connection. */
export interface Surroundings {
  readonly product: Product
  exec(program: Program): Promise<ProgramResult>
}

/**
 * Wraps a statement so that only a query can pass: a subquery admits SELECT, VALUES and WITH, and refuses every command
 * and data-modifying WITH by grammar; the extended protocol refuses a second statement.
 */
export function onlyQuery(sql: string): string {
  return `SELECT * FROM (\n${sql}\n) AS "read"`
}

async function select<R>(client: Client, sql: string, params: readonly unknown[]): Promise<R[]> {
  const query = { text: onlyQuery(sql), values: [...params], queryMode: 'extended' }
  return (await client.query(query)).rows as R[]
}

/** A Reader on the connection as it stands; the caller has made sure that its role or transaction cannot write. */
export function createReader(client: Client, key: string, { product, exec }: Surroundings): Reader {
  return {
    key,
    product,
    exec,
    many: <R = Row>(sql: string, params: readonly unknown[] = []) => select<R>(client, sql, params),
    one: async <R = Row>(sql: string, params: readonly unknown[] = []) => (await select<R>(client, sql, params))[0],
  }
}

/** A Writer on the connection: reads as a Reader does, and writes by `run`, one statement for each call. */
export function createWriter(client: Client, key: string, surroundings: Surroundings, secret: Writer['secret']): Writer {
  return {
    ...createReader(client, key, surroundings),
    secret,
    run: async (sql, params = []) => {
      const query = { text: sql, values: [...params], queryMode: 'extended' }
      return (await client.query(query)).rowCount ?? 0
    },
  }
}
