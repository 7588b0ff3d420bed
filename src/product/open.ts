import { createEntity } from './entity.ts'
import type { Product, ProductConfig } from './port.ts'
import { referenceMapping } from './reference.ts'

/**
 * The product that the config describes. Nothing is read yet: a mapping is checked against the database's catalogue
 * when it is first used, and kept for as long as this object lives, so make one for each database.
 */
export function createProduct(config: ProductConfig): Product {
  const { tenants, users } = config.form === 'mapped' ? config : referenceMapping(config.schema ?? 'public')
  const place = config.form === 'mapped' ? 'product' : 'reference product'
  const separator = config.form === 'mapped' ? '.' : ': '
  return {
    form: config.form,
    schema: config.form === 'reference' ? (config.schema ?? 'public') : null,
    tenants: createEntity('tenant', tenants, `${place}${separator}tenants`),
    users: createEntity('user', users, `${place}${separator}users`),
  }
}
