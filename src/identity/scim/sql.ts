/** What the SCIM server needs of PostgreSQL. */
export interface Query {
  /** Rows of one statement with bound parameters. */
  <R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>
}

export interface Database {
  readonly query: Query
  /** Commits what `work` did, or takes it back where it throws. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
}

/** The tables of one product schema. */
export interface Tables {
  readonly users: string
  readonly groups: string
  readonly members: string
  readonly tokens: string
  readonly tenants: string
}

export function tablesOf(schema: string): Tables {
  const own = (name: string) => `"${schema.replaceAll('"', '""')}".${name}`
  return {
    users: own('users'), groups: own('groups'), members: own('group_members'), tokens: own('scim_tokens'),
    tenants: own('tenants'),
  }
}

/** SQLSTATE of an error of the database, whatever wraps it. */
export function sqlState(error: unknown): string | undefined {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const code = (one as { code?: unknown }).code
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code
  }
  return undefined
}
