import { OnboardError } from '../errors.ts'
import { createReader } from '../journal/reader.ts'
import { createProduct } from '../product/open.ts'
import type { Context } from './context.ts'

/**
 * Throws a conflict where the product has a tenant of this name that is not the customer's own: to rename onto it would
 * make the one of the other. A product that cannot be looked at (nothing is mapped yet) has none of ours either.
 */
export async function tenantFree(context: Context, customer: string, slug: string): Promise<void> {
  const { product: config } = await context.config()
  const product = createProduct(config)
  if (customer === slug || !product.tenants.has('slug')) return
  await context.connected('reader', async (client) => {
    // A name that one of ours has or had is for the rename itself to judge.
    const { rows } = await client.query<{ known: boolean }>(
      `SELECT EXISTS (SELECT FROM onboard.onboarding WHERE tenant_slug = $1)
           OR EXISTS (SELECT FROM onboard.former_slug WHERE slug = $1) AS known`, [slug])
    if (rows[0]?.known) return
    const reader = createReader(client, '', { product, exec: () => Promise.reject(new Error('no programs here')) })
    const found = await product.tenants.find(reader, { slug }, {}).catch((error: unknown) => {
      if (error instanceof OnboardError && (error.kind === 'invalid' || error.kind === 'waiting')) return null
      throw error
    })
    if (found === null) return
    const message = `the product has a tenant ${slug} already, which is not that of ${customer}: nothing was renamed`
    throw new OnboardError('conflict', 'tenant-exists', message, { suggestions: [`onboard status ${customer}`] })
  })
}
