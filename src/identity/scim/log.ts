/** What directories asked for last, kept for support in a bounded size; it never slows a request down. */
import type { Query, Tables } from '../sql.ts'

export interface Logged {
  /** Id of the tenant. */
  readonly tenant: string
  readonly method: string
  /** User, Group, Bulk, Token, …: never the whole address. */
  readonly resource: string
  /** Id of the resource. */
  readonly subject: string | null
  /** Its user name or display name. */
  readonly name: string | null
  readonly status: number
  readonly scim_type: string | null
  /** What was wrong, as the directory was told. */
  readonly detail: string | null
  readonly agent: string | null
}

export interface SyncLog {
  note(entry: Logged): void
  /** Writes what is still in memory. */
  flush(): Promise<void>
}

/** Kept for each tenant: so many that were done, and so many that were refused, so that neither hides the other. */
export const KEPT = 500
/** How long (ms) an entry may wait for others to be written with it. */
const WAIT = 100
/** So many entries of a tenant, and the old ones are taken out. */
const TRIM_AFTER = 100
/** Where the database cannot be written to, memory has an end. */
const MOST_WAITING = 2_000

const COLUMNS = ['method', 'resource', 'subject', 'name', 'status', 'scim_type', 'detail', 'agent'] as const
const LONGEST = 300

/** @param failed is told when entries could not be written; requests go on */
export function createSyncLog(query: Query, { log }: Tables, failed: (error: unknown) => void): SyncLog {
  let waiting: Logged[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  const since = new Map<string, number>()

  const trim = async (tenant: string): Promise<void> => {
    for (const which of ['status < 400', 'status >= 400']) {
      await query(
        `DELETE FROM ${log} WHERE tenant_id = $1 AND ${which} AND id <=
           (SELECT id FROM ${log} WHERE tenant_id = $1 AND ${which} ORDER BY id DESC OFFSET ${KEPT} LIMIT 1)`,
        [tenant],
      )
    }
  }

  const write = async (entries: readonly Logged[]): Promise<void> => {
    const cut = (value: string | number | null) => (typeof value === 'string' ? value.slice(0, LONGEST) : value)
    const lists = COLUMNS.map((name) => entries.map((one) => cut(one[name])))
    const types = COLUMNS.map((name, at) => `$${at + 2}::${name === 'status' ? 'integer' : 'text'}[]`)
    await query(
      `INSERT INTO ${log} (tenant_id, ${COLUMNS.join(', ')}) SELECT * FROM unnest($1::uuid[], ${types.join(', ')})`,
      [entries.map((one) => one.tenant), ...lists],
    )
    for (const { tenant } of entries) since.set(tenant, (since.get(tenant) ?? 0) + 1)
    for (const [tenant, count] of since) {
      if (count < TRIM_AFTER) continue
      since.delete(tenant)
      await trim(tenant)
    }
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const entries = waiting
    waiting = []
    if (entries.length > 0) writing = writing.then(() => write(entries)).catch(failed)
    return writing
  }

  return {
    note(entry) {
      if (waiting.length >= MOST_WAITING) waiting.shift()
      waiting.push(entry)
      timer ??= setTimeout(() => void flush(), WAIT).unref()
    },
    flush,
  }
}
