import type { Client } from 'pg'
import type { ActionCatalogue } from '../actions/catalogue.ts'
import type { Database } from '../database/open.ts'
import type { Evaluator, RunEvent, SecretSink, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { findOnboarding, listOnboardings, type Found } from '../journal/find.ts'
import type { Surroundings } from '../journal/reader.ts'
import type { Actor, Inputs, JsonObject } from '../model.ts'
import { dateIn } from '../onboarding/calendar.ts'
import type { Config } from '../onboarding/config.ts'
import type { Product } from '../product/port.ts'
import { openWork } from './work.ts'

/** What a Work is assembled from, besides the onboarding itself. */
export interface Ingredients {
  readonly database: Database
  readonly config: Config
  readonly catalogue: ActionCatalogue
  readonly product: Product
  readonly actor: Actor
  /** The database's clock, ISO 8601. */
  readonly now: string
  readonly secrets: SecretSink
  readonly exec: Surroundings['exec']
  /** The network, mail, templates and the files of the workspace, for the steps that need them. */
  readonly outside: Pick<Surroundings, 'http' | 'tls' | 'file' | 'template' | 'postbox' | 'vault'>
  emit(event: RunEvent): void
}

export type OpenWork = Work & { close(): Promise<void> }

/** The onboarding that a customer's name stands for. Throws usage with the nearest name where there is none. */
export async function namedOnboarding(client: Client, key: string): Promise<Found> {
  const found = await findOnboarding(client, key)
  if (found) return found
  const { notFormer } = await import('../journal/names.ts')
  await notFormer(client, key.split('/')[0] ?? '')
  const known = (await listOnboardings(client)).map((one) => one.key)
  const near = nearest(key, known)
  if (known.length === 0) {
    throw new OnboardError(
      'usage', 'unknown-customer', `There is no onboarding '${key}': nothing was accepted into this database yet.`,
      { suggestions: ['onboard handoff accept --file FILE'] },
    )
  }
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  throw new OnboardError(
    'usage', 'unknown-customer', `There is no onboarding '${key}'.${hint}`,
    { suggestions: [near === undefined ? 'onboard status' : `onboard status ${near}`] },
  )
}

/** Everything that advances one onboarding, wired. Connections open when they are first used; `close` ends them. */
export function assemble(found: Found, evaluator: Evaluator, given: Ingredients): OpenWork {
  const { database, config, catalogue, product, actor, secrets, exec, outside, emit } = given
  const { onboarding, runbook, handoff, discovery } = found
  const { slug, tenant_slug = slug, key, name, company } = onboarding
  let day: string | undefined
  const inputs: Inputs = {
    handoff,
    discovery,
    config: config as unknown as JsonObject,
    onboarding: {
      slug, tenant_slug, key, name, company, title: name === '' ? company : `${company} (${name})`,
      // Time zones are slow to load, and few runs ask for the day.
      get today() {
        return (day ??= dateIn(given.now, config.time_zone))
      },
    },
  }
  const surroundings = { product, exec, ...outside, thresholds: runbook.thresholds ?? [] }
  return openWork(database, {
    onboarding, runbook, inputs, evaluator, catalogue, actor, surroundings, secrets, emit,
  })
}
