import type { Client } from 'pg'
import { OnboardError } from '../errors.ts'

/** null where nobody was ever called so. Throws a conflict that says what that customer is called now. */
export async function notFormer(client: Client, slug: string): Promise<null> {
  const { rows } = await client.query<{ slug: string; day: string }>(
    `SELECT c.slug, to_char(f.given_up_at, 'YYYY-MM-DD') AS day
       FROM onboard.former_slug f JOIN onboard.customer c ON c.id = f.customer WHERE f.slug = $1`, [slug])
  const [now] = rows
  if (now === undefined) return null
  throw new OnboardError(
    'conflict', 'renamed',
    `${slug} is called ${now.slug} since ${now.day} (company.slug in a handoff); its old name is given to nobody else`,
    { suggestions: [`onboard status ${now.slug}`] },
  )
}

/** Throws where the tenant of an onboarding to be opened (acme/eu: `acme-eu`) would be called as another is or was. */
export async function tenantNameFree(client: Client, customer: string, name: string): Promise<void> {
  const { rows } = await client.query<{ tenant: string; whose: string | null; length: number }>(
    `SELECT t.tenant, length(t.tenant) AS length, (
        SELECT c.slug || CASE WHEN o.name = '' THEN '' ELSE '/' || o.name END
          FROM onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer
         WHERE o.tenant_slug = t.tenant
            OR o.id = (SELECT f.onboarding FROM onboard.former_slug f WHERE f.slug = t.tenant)
         ORDER BY o.tenant_slug = t.tenant DESC LIMIT 1) AS whose
       FROM (SELECT c.slug || CASE WHEN $2 = '' THEN '' ELSE '-' || $2 END AS tenant
               FROM onboard.customer c WHERE c.id = $1) t`, [customer, name])
  const [found] = rows
  if (found === undefined) return
  if (found.length > 63) {
    throw new OnboardError(
      'usage', 'onboarding-name',
      `--name ${name} is too long: the tenant would be called ${found.tenant}, which has more than 63 characters`,
    )
  }
  if (found.whose === null) return
  throw new OnboardError(
    'conflict', 'tenant-name', `the tenant would be called ${found.tenant}, as that of ${found.whose} is or was`,
    { suggestions: [`onboard status ${found.whose}`] },
  )
}

/** The onboardings whose tenants are called so, by slug of the tenant: `acme-eu` is that of acme/eu. */
export async function onboardingsOf(client: Client, tenants: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ tenant: string; key: string }>(
    `SELECT o.tenant_slug AS tenant, c.slug || CASE WHEN o.name = '' THEN '' ELSE '/' || o.name END AS key
       FROM onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer
      WHERE o.tenant_slug = ANY ($1::text[])`, [tenants])
  return new Map(rows.map(({ tenant, key }) => [tenant, key]))
}
