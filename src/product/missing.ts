import { OnboardError } from '../errors.ts'

/** No tenant has this slug, though a step works on it. `customer`: whose onboarding has the step, `acme/eu`. */
export function noTenant(slug: string, customer: string = slug): OnboardError {
  return new OnboardError(
    'conflict',
    'no-such-tenant',
    `the product has no tenant ${JSON.stringify(slug)}; the step that creates it comes first`,
    {
      suggestions: [`onboard plan ${/^[a-z0-9/-]+$/.test(customer) ? customer : 'CUSTOMER'}`],
    },
  )
}
