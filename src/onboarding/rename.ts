import { createHash } from 'node:crypto'
import { digest } from '../engine/digest.ts'
import type { Entry, Head } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import { withValue } from '../input/edit-yaml.ts'
import { shown } from '../input/unsafe.ts'
import type { Actor, JsonObject } from '../model.ts'
import type { NewInput } from './intake-store.ts'
import { RESERVED, SLUG } from './slug.ts'

/** A customer with all its onboardings. */
export interface KnownCustomer {
  readonly id: string
  readonly slug: string
  readonly company: string
  readonly onboardings: readonly {
    readonly id: string
    readonly name: string
    readonly handoff: NewInput | null
  }[]
}

/** One transaction in which a customer is renamed; no run of its onboardings goes on meanwhile. */
export interface RenameTransaction {
  /** The customer that is called so, or was; null: nobody. Its onboardings are locked. */
  customer(slug: string): Promise<KnownCustomer | null>
  /** Whose name it is, or was: of a customer or of a tenant; null: nobody else's. */
  taken(slug: string, by: KnownCustomer): Promise<string | null>
  rename(customer: string, slug: string, company: string, entry: Pick<Entry, 'facts' | 'detail'>): Promise<void>
  store(onboarding: string, kind: 'handoff', input: NewInput): Promise<void>
  append(onboarding: string, entry: Entry): Promise<Head>
}

export interface RenameStore {
  transaction<T>(slugs: readonly string[], work: (transaction: RenameTransaction) => Promise<T>): Promise<T>
}

export interface Renamed {
  readonly outcome: 'renamed' | 'unchanged'
  readonly from: { readonly slug: string; readonly company: string }
  readonly to: { readonly slug: string; readonly company: string }
  /** Keys of its onboardings, as they are now. */
  readonly onboardings: readonly string[]
}

interface Wish {
  /** As typed: a slug that the customer has, or had. */
  readonly customer: string
  readonly slug: string
  /** Left out: the company's name stays. */
  readonly company?: string | undefined
  readonly actor: Actor
}

/**
 * Gives a customer another name, everywhere at once: its slug, the keys of its onboardings, what its tenants are to be
 * called, and the company in each handoff. The old name is given to nobody else. The product's tenants follow with the
 * next apply. Throws where the name is no name (usage) or another's (conflict).
 */
export async function rename(
  store: RenameStore, { customer: named, slug, company: wanted, actor }: Wish,
): Promise<Renamed> {
  mustBeName(named, slug, wanted)
  return store.transaction([named, slug], async (transaction) => {
    const customer = await transaction.customer(named)
    if (customer === null) {
      throw new OnboardError(
        'usage', 'unknown-customer', `There is no customer '${named}'.`, { suggestions: ['onboard status'] },
      )
    }
    const from = { slug: customer.slug, company: customer.company }
    const to = { slug, company: wanted ?? customer.company }
    const onboardings = customer.onboardings.map(({ name }) => (name === '' ? slug : `${slug}/${name}`))
    if (from.slug === to.slug && from.company === to.company) return { outcome: 'unchanged', from, to, onboardings }
    if (customer.slug !== named) {
      throw new OnboardError(
        'conflict', 'renamed', `${named} is called ${customer.slug} now`,
        { suggestions: [`onboard rename ${customer.slug} ${slug}`] },
      )
    }
    const whose = from.slug === to.slug ? null : await transaction.taken(slug, customer)
    if (whose !== null) {
      throw new OnboardError(
        'conflict', 'name-taken', `${slug} is, or was, a name of ${whose}: it is given to nobody else`,
        { suggestions: [`onboard status ${whose}`] },
      )
    }
    await transaction.rename(customer.id, slug, to.company, {
      facts: { from: from.slug, to: to.slug },
      detail: { company: { before: from.company, after: to.company }, actor: { ...actor } },
    })
    for (const { id, handoff } of customer.onboardings) {
      if (handoff !== null) await reviseCompany(transaction, id, handoff, from, to, actor)
    }
    return { outcome: 'renamed', from, to, onboardings }
  })
}

type Names = Renamed['from']

/** A version of the handoff in which the company is called as it is now, and nothing else reads otherwise. */
async function reviseCompany(
  transaction: RenameTransaction, onboarding: string, { version, document, digest: before, source: was }: NewInput,
  from: Names, to: Names, actor: Actor,
): Promise<void> {
  const company = document['company'] as JsonObject
  const next: JsonObject = { ...document, company: { ...company, slug: to.slug, name: to.company } }
  const source = withValue(withValue(was, ['company', 'slug'], to.slug), ['company', 'name'], to.company)
  const input = { version: version + 1, document: next, digest: digest(next), source }
  await transaction.store(onboarding, 'handoff', input)
  const changed = [
    ...(from.slug === to.slug ? [] : [{ field: 'company.slug', before: from.slug, after: to.slug }]),
    ...(from.company === to.company ? [] : [{ field: 'company.name', before: from.company, after: to.company }]),
  ]
  const given = {
    kind: 'handoff', version: input.version, digest: input.digest, before,
    source: createHash('sha256').update(source).digest('hex'),
  }
  await transaction.append(onboarding, {
    kind: 'revised', key: null, run: null,
    facts: { inputs: [given], fields: changed.map(({ field }) => field) },
    detail: { changes: changed, recorder: { ...actor } },
  })
}

function mustBeName(named: string, slug: string, company: string | undefined): void {
  const refuse = (message: string, suggestions: readonly string[] = []): never => {
    throw new OnboardError('usage', 'not-a-name', message, { suggestions })
  }
  if (named.includes('/')) {
    const message = `${named} is one onboarding; it is the customer that is renamed, with all of them`
    refuse(message, [`onboard rename ${named.split('/')[0]} ${slug}`])
  }
  if (!SLUG.test(slug)) refuse(`${shown(slug)} is no slug: lower-case letters, digits and hyphens, 63 at most`)
  if (RESERVED.has(slug)) {
    const message = `a customer cannot be called ${slug}: it is a word of the command line`
    refuse(message, [`onboard rename ${named} ${slug}-inc`])
  }
  if (company !== undefined && (company.trim() === '' || company.length > 200)) {
    refuse('--company takes a name of at most 200 characters')
  }
}
