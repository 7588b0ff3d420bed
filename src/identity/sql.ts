/** What the protocols need of PostgreSQL, and the tables that they share. */
export interface Query {
  /** Rows of one statement with bound parameters. `kept`: its text is always the same, so that it may stay prepared. */
  <R = Record<string, unknown>>(sql: string, params?: readonly unknown[], kept?: 'kept'): Promise<R[]>
}

export interface Database {
  readonly query: Query
  /** Commits what `work` did, or takes it back where it throws. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
}

/** The tables of one product schema, quoted: migrations 002, 011 and 012 say what each one holds. */
export interface Tables {
  readonly tenants: string
  readonly users: string
  readonly groups: string
  readonly members: string
  readonly tokens: string
  /** Which groups give which role. */
  readonly mappings: string
  /** What directories asked for last. */
  readonly log: string
  readonly sessions: string
  readonly connections: string
  /** Our own keys towards identity providers. */
  readonly keys: string
  readonly identities: string
  /** Logins and logouts that were begun and not answered. */
  readonly requests: string
  readonly replays: string
  readonly traces: string
  readonly events: string
  readonly projects: string
}

export function tablesOf(schema: string): Tables {
  const own = (name: string) => `"${schema.replaceAll('"', '""')}".${name}`
  return {
    tenants: own('tenants'), users: own('users'), groups: own('groups'), members: own('group_members'),
    tokens: own('scim_tokens'),
    mappings: own('scim_mappings'),
    log: own('scim_log'),
    sessions: own('sessions'),
    connections: own('sso_connections'),
    keys: own('sso_keys'),
    identities: own('sso_identities'),
    requests: own('sso_requests'),
    replays: own('sso_replays'),
    traces: own('sso_traces'),
    events: own('audit_events'),
    projects: own('projects'),
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
