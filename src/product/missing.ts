import { OnboardError } from '../errors.ts'

/** No tenant has this slug, though a step works on it. */
export function noTenant(slug: string): OnboardError {
  return new OnboardError(
    'conflict',
    'no-such-tenant',
    `the product has no tenant ${JSON.stringify(slug)}; the step that creates it comes first`,
    {
      suggestions: [`onboard plan ${/^[a-z0-9-]+$/.test(slug) ? slug : 'CUSTOMER'}`],
    },
  )
}
