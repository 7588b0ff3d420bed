import fs from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { moduleFile } from '../../package.ts'

/**
 * A migration is a file `NNN_name` of this folder that exports `sql`. A string belongs to schema `onboard`; a function
 * of a schema's name makes the reference product's tables there.
 */
export type Sql = string | ((schema: string) => string)

const FILE = /^(\d{3}_[a-z0-9_]+)\.[jt]s$/

/** Names of all migrations of this version, in order. */
export function migrationNames(): readonly string[] {
  return fs
    .readdirSync(dirname(moduleFile('database/migrations/index')))
    .flatMap((file) => FILE.exec(file)?.[1] ?? [])
    .toSorted()
}

/** What the migration does. */
export async function loadMigration(name: string): Promise<Sql> {
  const module = (await import(pathToFileURL(moduleFile(`database/migrations/${name}`)).href)) as { sql: Sql }
  return module.sql
}

/** How a product migration is recorded: the tables may be in any schema. */
const productRecord = (name: string, schema: string): string => `${name}@${schema}`

/** A step from the recorded state to this version's: what to record it as, and its SQL. */
export interface Pending {
  readonly record: string
  readonly sql: string
}

/**
 * What is to be run where `applied` is recorded, in order: all of schema `onboard`, and of the product's tables where
 * they are already, or in `product` where that schema is named.
 */
export async function pendingMigrations(applied: readonly string[], product: string | null): Promise<Pending[]> {
  const schemas = new Set(applied.flatMap((record) => record.split('@')[1] ?? []))
  if (product !== null) schemas.add(product)
  const pending: Pending[] = []
  for (const name of migrationNames()) {
    if (applied.includes(name)) continue
    if (schemas.size > 0 && [...schemas].every((schema) => applied.includes(productRecord(name, schema)))) continue
    const sql = await loadMigration(name)
    if (typeof sql === 'string') pending.push({ record: name, sql })
    else {
      for (const schema of schemas) {
        const record = productRecord(name, schema)
        if (!applied.includes(record)) pending.push({ record, sql: sql(schema) })
      }
    }
  }
  return pending
}

/** Records of migrations that this version does not know: a newer one was here. */
export function unknownMigrations(applied: readonly string[]): readonly string[] {
  const known = new Set(migrationNames())
  return applied.filter((record) => !known.has(record.split('@')[0]!))
}
