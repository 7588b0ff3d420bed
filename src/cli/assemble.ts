import type { Client } from 'pg'
import type { Database } from '../database/open.ts'
import type { Catalogue, Evaluator, RunEvent, SecretSink, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { findOnboarding, listOnboardings, type Found } from '../journal/find.ts'
import type { Surroundings } from '../journal/reader.ts'
import type { Actor, ActionSchemas, Inputs } from '../model.ts'
import { configContext, type Config } from '../onboarding/config.ts'
import { createProduct } from '../product/open.ts'
import { createEvaluator } from '../runbook/evaluate.ts'
import { openWork } from './work.ts'

/** What a Work is assembled from. */
export interface Ingredients {
  readonly database: Database
  readonly config: Config
  readonly catalogue: Catalogue & { schemas(): Promise<ActionSchemas> | ActionSchemas }
  readonly actor: Actor
  /** The database's clock, ISO 8601. */
  readonly now: string
  readonly secrets: SecretSink
  readonly exec: Surroundings['exec']
  emit(event: RunEvent): void
}

/** The onboarding that a customer's name stands for. Throws usage with the nearest name where there is none. */
export async function namedOnboarding(client: Client, key: string): Promise<Found> {
  const found = await findOnboarding(client, key)
  if (found) return found
  const known = (await listOnboardings(client)).map((one) => one.key)
  const near = nearest(key, known)
  const suggestions = known.length === 0 ? ['onboard handoff accept --file FILE'] : [near === undefined ? 'onboard status' : `onboard status ${near}`]
  const said = known.length === 0 ? 'nothing was accepted into this database yet' : near === undefined ? 'see the list' : `did you mean ${near}?`
  throw new OnboardError('usage', 'unknown-customer', `There is no onboarding '${key}': ${said}`, { suggestions })
}

/** Everything that advances one onboarding, wired. */
export async function assemble(key: string, given: Ingredients): Promise<Work & { close(): Promise<void> }> {
  const { database, config, catalogue, actor, secrets, exec, emit } = given
  const client = await database.connect('app')
  const found = await namedOnboarding(client, key).finally(() => client.end())
  const { onboarding, runbook, handoff, discovery } = found
  const inputs: Inputs = { handoff, discovery, config: configContext(config), onboarding: aboutOnboarding(found, config, given.now) }
  const evaluator: Evaluator = createEvaluator(runbook, await catalogue.schemas())
  const surroundings: Surroundings = { product: createProduct(config.product), exec }
  return openWork(database, { onboarding, runbook, inputs, evaluator, catalogue, actor, surroundings, secrets, emit })
}

/** The context `onboarding` of expressions; `today` is the day in the workspace's time zone. */
function aboutOnboarding({ onboarding }: Found, config: Config, now: string): Inputs['onboarding'] {
  const { slug, key, name, company } = onboarding
  return { slug, key, name, company, today: dayIn(config.time_zone, now) }
}

/** The calendar day of an instant in a time zone, `YYYY-MM-DD`. */
export function dayIn(timeZone: string, instant: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date(instant))
}
