/**
 * The port to the vendor's product: its tenants and users, whatever its tables are called.
 * Imports nothing: the forms stand behind it, the actions before it.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** What the product needs to look: `Sql` of the action contract. */
export interface Queries {
  many<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>
  one<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R | undefined>
}

/** What the product needs to write: `Writer` of the action contract. */
export interface Statements extends Queries {
  run(sql: string, params?: readonly unknown[]): Promise<number>
}

/**
 * One value of a row as the database holds it.
 * `value` is for people and outputs; `exact` is the database's own text, which alone is lossless (bigint, timestamptz,
 * jsonb), null where there is none; `same` says whether it equals what was wanted, judged by the database.
 */
export type Cell = {
  readonly value: Json
  readonly exact: string | null
  readonly same: boolean
}

/** One row: its key as text, and the cells that were asked for, by field. */
export type Found = {
  readonly key: string
  readonly cells: { readonly [field: string]: Cell }
}

/** A value to write: logical (`value`), or the very text that was read before (`exact`). */
export type To = { readonly value: Json } | { readonly exact: string | null }

/** Fields by logical name: `name`, `plan`, `settings.limits.users`. */
export type Fields = { readonly [field: string]: Json }

/** Tenants or users. Field names are logical; what the product does not have is an unavailable capability. */
export interface Entity {
  readonly name: 'tenant' | 'user'
  /** Whether the product has a place for this field. */
  has(field: string): boolean
  /** Throws OnboardError (waiting, `capability-unavailable`) naming what the product has no place for. */
  needs(fields: readonly string[], purpose: string): void
  /**
   * The one row with these values (a tenant: or with another slug that it has or had), its `want` cells compared and
   * its `also` cells read. A field in `present` is never read, only whether it is set: its cell's value is a boolean.
   * @throws OnboardError (invalid, `mapping`) where the mapping and the database disagree;
   * (conflict) where several match
   */
  find(
    sql: Queries,
    by: Fields,
    look: {
      readonly want?: Fields
      readonly also?: readonly string[]
      readonly present?: readonly string[]
    },
  ): Promise<Found | null>
  /** Adds a row; a unique value that is taken is a conflict. */
  create(sql: Statements, values: Fields): Promise<void>
  /**
   * Writes these fields of the row with this key, if each still has its `from` text where one is given; else a
   * conflict.
   */
  update(
    sql: Statements,
    key: string,
    changes: { readonly [field: string]: { readonly from?: string | null; readonly to: To } },
  ): Promise<void>
  /**
   * Deletes the row, if the fields named in `while` still have these texts; else a conflict. Never a cascade: see
   * dependents.
   */
  remove(sql: Statements, key: string, expected: { readonly [field: string]: string | null }): Promise<void>
  /** Keeps the row from being changed until the transaction ends, where this role may. */
  hold(sql: Statements, key: string): Promise<void>
  /** Tables whose rows refer to this row (`users (tenant_id)`), or that cannot be looked into; holds it as well. */
  dependents(sql: Queries, key: string): Promise<readonly string[]>
}

export interface Product {
  readonly form: 'reference' | 'mapped' | 'http'
  /** Schema of the reference product's tables; null where the tables are the vendor's own. */
  readonly schema: string | null
  readonly tenants: Entity
  readonly users: Entity
}

/** Where the config says tenants or users are: see schemas/config.schema.json. */
export interface EntityMapping {
  /** `organizations`, `crm.organizations`; quoted with "" where it has a dot. */
  readonly table: string
  /** Column of the key; any type. */
  readonly key: string
  /** Logical field → column. `settings: prefs` maps all of settings to a jsonb column; a longer name wins. */
  readonly columns: { readonly [field: string]: string }
  /** Field → our value → the product's. */
  readonly values?: { readonly [field: string]: { readonly [ours: string]: Json } }
  /** Column → what new rows get there. */
  readonly defaults?: { readonly [column: string]: Json }
}

export type ProductConfig =
  | { readonly form: 'reference'; readonly schema?: string }
  | { readonly form: 'mapped'; readonly tenants: EntityMapping; readonly users?: EntityMapping }
