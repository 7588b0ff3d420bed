import type pg from 'pg'
import { ident } from './client.ts'
import { pendingMigrations, type Pending } from './migrations/index.ts'
import { refuseNewer } from './state.ts'

interface Order {
  /** Name of the database for errors. */
  readonly label: string
  /** Schema to make the reference product's tables in; null: only where they are already. */
  readonly product: string | null
  /** Instant to fix the clock of a new database at; null: the server's clock. */
  readonly simulated?: string | null
  /** true: the login is a member of onboard_owner and must act as it. */
  readonly asOwner?: boolean
}

/** Of the transaction that migrates; whoever comes second waits and finds nothing left to do. */
const MIGRATION_LOCK = 7_265_010_218

/**
 * Brings a database to this version's schema, forward only, in one transaction: all of it or nothing, so that nobody
 * who is killed leaves half of it or a lock. Run on a connection of the owner's. Gives the names that were run.
 * @throws OnboardError conflict `database-newer`; the server's own errors as they are
 */
export async function migrate(connection: pg.ClientConfig, order: Order): Promise<readonly string[]> {
  const { default: knex } = await import('knex')
  const db = knex({
    client: 'pg',
    connection: connection as Record<string, unknown>,
    pool: { min: 0, max: 1 },
    log: { warn() {}, error() {}, debug() {}, deprecate() {} },
  })
  try {
    return await db.transaction(async (trx) => {
      if (order.asOwner) await trx.raw('SET LOCAL ROLE onboard_owner')
      await trx.raw(`SET LOCAL TimeZone = 'UTC'; SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
      const fresh = !(await exists(trx, 'onboard.migration'))
      if (fresh) await trx.raw('CREATE SCHEMA IF NOT EXISTS onboard')
      const applied = fresh ? [] : await recorded(trx)
      refuseNewer(applied, order.label)
      const pending = await pendingMigrations(applied, order.product)
      if (pending.length === 0) return []
      if (order.product !== null) await trx.raw(productSchema(order.product))
      await trx.migrate.latest({
        tableName: 'migration',
        schemaName: 'onboard',
        migrationSource: sourceOf(pending),
        disableMigrationsListValidation: true,
      })
      await trx.raw('GRANT SELECT ON onboard.migration TO onboard_app, onboard_reader')
      if (order.simulated) await trx.raw('UPDATE onboard.clock SET simulated = ?::timestamptz', [order.simulated])
      return pending.map(({ record }) => record)
    })
  } finally {
    await db.destroy()
  }
}

type Raw = { raw(sql: string, bindings?: readonly string[]): PromiseLike<unknown> }
const rowsOf = async <R>(query: PromiseLike<unknown>): Promise<R[]> => ((await query) as { rows: R[] }).rows

async function exists(trx: Raw, table: string): Promise<boolean> {
  const [row] = await rowsOf<{ there: boolean }>(trx.raw('SELECT to_regclass(?) IS NOT NULL AS there', [table]))
  return row?.there === true
}

async function recorded(trx: Raw): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(trx.raw('SELECT name FROM onboard.migration ORDER BY id'))
  return rows.map(({ name }) => name)
}

/** What the owner makes in the product's schema later, the app may write and the reader read. */
function productSchema(name: string): string {
  const schema = ident(name)
  return `
    CREATE SCHEMA IF NOT EXISTS ${schema};
    GRANT USAGE ON SCHEMA ${schema} TO onboard_app, onboard_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO onboard_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT USAGE, SELECT ON SEQUENCES TO onboard_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT ON TABLES TO onboard_reader;`
}

function sourceOf(pending: readonly Pending[]) {
  return {
    getMigrations: async () => [...pending],
    getMigrationName: ({ record }: Pending) => record,
    getMigration: async ({ sql }: Pending) => ({
      up: async (trx: Raw) => void (await trx.raw(sql.replaceAll('?', '\\?'))),
      down: async () => {
        throw new Error('migrations go forward only')
      },
    }),
  }
}
