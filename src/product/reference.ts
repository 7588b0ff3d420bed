import type { EntityMapping } from './port.ts'

/** Where the reference product keeps tenants and users: migrations/002_product.ts. @param schema of its tables */
export function referenceMapping(schema: string): { readonly tenants: EntityMapping; readonly users: EntityMapping } {
  const own = (...fields: string[]): Record<string, string> => Object.fromEntries(fields.map((field) => [field, field]))
  const quoted = `"${schema.replaceAll('"', '""')}"`
  return {
    tenants: {
      table: `${quoted}.tenants`,
      key: 'id',
      columns: own('name', 'slug', 'plan', 'status', 'settings', 'first_live_at'),
    },
    users: {
      table: `${quoted}.users`,
      key: 'id',
      columns: {
        ...own(
          'email',
          'full_name',
          'role',
          'active',
          'password_hash',
          'must_change_password',
          'password_expires_at',
          'set_password_token_hash',
          'set_password_expires_at',
          'has_password_hash',
          'has_set_password_token_hash',
        ),
        tenant: 'tenant_id',
      },
    },
  }
}
