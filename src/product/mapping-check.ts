import { OnboardError } from '../errors.ts'
import type { EntityMapping, ProductConfig, Queries } from './port.ts'
import { columnOf, describeTable } from './table.ts'

/**
 * What the config maps and the database does not have: a sentence for each table and column, with the place in the
 * config. Empty where all of it is there.
 */
export async function mappingFaults(
  sql: Queries, config: ProductConfig & { readonly form: 'mapped' },
): Promise<readonly string[]> {
  const faults: string[] = []
  for (const [name, mapping] of Object.entries({ tenants: config.tenants, users: config.users })) {
    if (mapping !== undefined) faults.push(...(await entityFaults(sql, mapping, `product.${name}`)))
  }
  return faults
}

async function entityFaults(sql: Queries, mapping: EntityMapping, place: string): Promise<string[]> {
  const faults: string[] = []
  const find = async <T>(look: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof OnboardError) || error.kind !== 'invalid') throw error
      faults.push(error.message)
      return undefined
    }
  }
  const table = await find(() => describeTable(sql, mapping.table, `${place}.table`))
  if (table === undefined) return faults
  await find(() => columnOf(table, mapping.key, `${place}.key`, 'mapping'))
  for (const [field, name] of Object.entries(mapping.columns)) {
    await find(() => columnOf(table, name, `${place}.columns.${field}`, 'mapping'))
  }
  for (const name of Object.keys(mapping.defaults ?? {})) {
    await find(() => columnOf(table, name, `${place}.defaults`, 'mapping'))
  }
  return faults
}
