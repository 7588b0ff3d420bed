import type pg from 'pg'
import { migrate } from '../../src/database/migrate.ts'
import type { Database } from '../../src/database/open.ts'
import { loadMigration, migrationNames } from '../../src/database/migrations/index.ts'

/** Takes a database back to what it was before a migration: empty, with the ones before it. @param before `011` */
export async function versionBefore(owner: pg.Client, before: string): Promise<void> {
  const { rows } = await owner.query<{ name: string }>(`SELECT format('%I', tablename) AS name FROM pg_tables WHERE schemaname = 'public'`)
  await owner.query(`DROP SCHEMA onboard CASCADE; ${rows.map(({ name }) => `DROP TABLE public.${name} CASCADE;`).join(' ')} CREATE SCHEMA onboard;
    CREATE TABLE onboard.migration (id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz);
    CREATE TABLE onboard.migration_lock (index serial PRIMARY KEY, is_locked integer); INSERT INTO onboard.migration_lock (is_locked) VALUES (0)`)
  for (const name of migrationNames().filter((one) => one < before)) {
    const sql = await loadMigration(name)
    await owner.query(typeof sql === 'string' ? sql : sql('public'))
    await owner.query('INSERT INTO onboard.migration (name, batch, migration_time) VALUES ($1, 1, now())', [typeof sql === 'string' ? name : `${name}@public`])
  }
}

/** Brings it to this version; gives what was run, by number. */
export async function toThisVersion(database: Database): Promise<readonly string[]> {
  const done = await migrate({ connectionString: database.url('owner') }, { label: database.label, product: 'public' })
  return done.map((one) => one.slice(0, 3))
}
