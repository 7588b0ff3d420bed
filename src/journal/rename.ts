import type { Client } from 'pg'
import { OnboardError } from '../errors.ts'
import type { JsonObject } from '../model.ts'
import type { KnownCustomer, RenameStore, RenameTransaction } from '../onboarding/rename.ts'
import { append } from './append.ts'
import { appendArguments } from './entries.ts'
import { lockRun } from './lock.ts'
import { storeInput } from './onboardings.ts'
import { inTransaction } from './transaction.ts'

/** Renaming, on a connection of the app role that it may lock on and that is in no transaction. */
export function createRenameStore(client: Client): RenameStore {
  return {
    transaction: (slugs, work) => inTransaction(client, 'nothing was renamed', async () => {
      // Nobody accepts a handoff under either name meanwhile; sorted, so that two renames cannot wait for each other.
      for (const slug of slugs.toSorted()) {
        await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('onboard accept ' || $1, 0))`, [slug])
      }
      return work(transactionOn(client))
    }),
  }
}

interface OnboardingRow {
  id: string
  name: string
  version: number | null
  document: JsonObject
  digest: string
  source: Buffer
}

function transactionOn(client: Client): RenameTransaction {
  return {
    async customer(slug) {
      const { rows } = await client.query<{ id: string; slug: string; company: string }>(
        `SELECT id, slug, company FROM onboard.customer
          WHERE slug = $1 OR id = (SELECT customer FROM onboard.former_slug WHERE slug = $1)
          ORDER BY slug = $1 DESC LIMIT 1`, [slug])
      const [found] = rows
      if (found === undefined) return null
      const own = await client.query<OnboardingRow>(
        `SELECT o.id, o.name, i.version, i.document, i.digest, i.source FROM onboard.onboarding o
           LEFT JOIN LATERAL (SELECT * FROM onboard.input i
                               WHERE i.onboarding = o.id AND i.kind = 'handoff' AND i.source <> ''
                               ORDER BY version DESC LIMIT 1) i ON true
          WHERE o.customer = $1 ORDER BY o.name COLLATE "C"`, [found.id])
      for (const { id, name } of own.rows) {
        await lockRun(client, { id, key: name === '' ? found.slug : `${found.slug}/${name}` })
      }
      const onboardings = own.rows.map(({ id, name, version, document, digest, source }) => (
        { id, name, handoff: version === null ? null : { version, document, digest, source } }
      ))
      return { ...found, onboardings }
    },
    taken: (slug, by) => taken(client, slug, by),
    async rename(customer, slug, company, entry) {
      const [, , , , , , text, detail] = appendArguments(customer, { kind: 'renamed', key: null, run: null, ...entry })
      await client.query('SELECT onboard.rename_customer($1, $2, $3, $4, $5)', [customer, slug, company, text, detail])
    },
    store: (onboarding, kind, input) => storeInput(client, onboarding, kind, input),
    append: (onboarding, entry) => append(client, onboarding, entry),
  }
}

/** Of all names that the customer and its tenants would have: whose the first is that somebody else has or had. */
async function taken(client: Client, slug: string, by: KnownCustomer): Promise<string | null> {
  const names = [slug, ...by.onboardings.flatMap(({ name }) => (name === '' ? [] : [`${slug}-${name}`]))]
  const long = names.find((name) => name.length > 63)
  if (long !== undefined) {
    const message = `a tenant would be called ${long}, which has more than 63 characters`
    throw new OnboardError('usage', 'not-a-name', message)
  }
  const { rows } = await client.query<{ whose: string }>(
    `SELECT c.slug AS whose FROM onboard.customer c WHERE c.id <> $2 AND (
        c.slug = ANY ($1)
        OR EXISTS (SELECT FROM onboard.former_slug f WHERE f.customer = c.id AND f.slug = ANY ($1))
        OR EXISTS (SELECT FROM onboard.onboarding o WHERE o.customer = c.id AND o.tenant_slug = ANY ($1))) LIMIT 1`,
    [names, by.id])
  return rows[0]?.whose ?? null
}
