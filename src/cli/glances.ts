/** Looks at onboardings that load no more than each of them needs: the code of expressions only where one is met. */
import type { Client } from 'pg'
import type { ActionCatalogue } from '../actions/catalogue.ts'
import type { Database } from '../database/open.ts'
import type { Evaluator, Work } from '../engine/ports.ts'
import type { Found } from '../journal/find.ts'
import type { Runbook } from '../model.ts'
import type { Ingredients } from './assemble.ts'
import { pinnedTemplates } from './pinned-templates.ts'

/** What a look stands on: parts of the command's context. */
export interface Ground {
  /** Opened for reading. */
  database(): Promise<Database>
  ingredients(customer: string): Promise<Omit<Ingredients, 'catalogue'>>
  /** The very actions that an onboarding has pinned. */
  pinnedActions(reader: Client, found: Found): Promise<ActionCatalogue>
  closeLater(closing: { close(): Promise<void> }): void
  /** Makes what says to who waits how many were looked at. */
  counter(): Promise<(done: number, of: number) => void>
}

/**
 * After so many looks garbage is collected: V8 itself waits until there is more of it than memory to spare
 * (10,000: 329 MB at every 250, 279 MB).
 */
const MANY_LOOKS = 150
/**
 * Of those that look at the world, whose journals live as long as that takes
 * (drift of 1,000: 275 MB, swept 199 MB).
 */
const MANY_LONG_LOOKS = 50

/** Of more than so many whoever waits is told how many are done. */
const MANY_TO_WAIT_FOR = 50

/** A look at one onboarding that may need no expression, and then loads nothing that evaluates any. */
export async function glance<T>(ground: Ground, customer: string, look: (work: Work) => Promise<T>): Promise<T> {
  // What is loaded while the server answers costs no time of its own.
  const opening = ground.database()
  const [{ assemble, namedOnboarding }, { deferredEvaluator }, { sharedConnections }, opened] = (
    await Promise.all([
      import('./assemble.ts'), import('./deferred-evaluator.ts'), import('./shared-database.ts'), opening,
    ])
  )
  const database = sharedConnections(opened)
  ground.closeLater(database)
  const reader = await database.connect('reader')
  const found = await namedOnboarding(reader, customer)
  const given = await ground.ingredients(customer)
  const template = pinnedTemplates(reader)(found.onboarding.runbook.digest)
  const catalogue = await ground.pinnedActions(reader, found)
  const ingredients = { ...given, database, catalogue, outside: { ...given.outside, template } }
  for (let evaluator = deferredEvaluator; ; ) {
    try {
      return await look(assemble(found, evaluator, ingredients))
    } catch (error) {
      evaluator = await wider(error, found.runbook, catalogue)
    }
  }
}

/** How onboardings are looked at. */
export interface Glances {
  /** Ids that are left out; the others are looked at by their journal alone, without what only few read of it. */
  readonly known?: ReadonlySet<string>
  /** Ids of those that are looked at, as if the others were left out; default: all. */
  readonly only?: readonly string[]
  /** Default: as the command opens it, for reading. */
  readonly database?: Database
  /** Of all, though some are left out, the whole journal is read. */
  readonly whole?: boolean
  /** So many are looked at at the same time, each on a connection of its own. */
  readonly lanes?: number
}

/** A look at every onboarding of the database, in the order of their keys; as `glance`. */
export async function* glances<T>(
  ground: Ground, look: (work: Work) => Promise<T>, { known, only, database, whole = false, lanes = 1 }: Glances = {},
): AsyncGenerator<T> {
  const opening = database ?? ground.database()
  const [{ assemble }, { deferredEvaluator }, { findOnboarding, listOnboardings }, { sharedConnections }] = (
    await Promise.all([
      import('./assemble.ts'), import('./deferred-evaluator.ts'), import('../journal/find.ts'),
      import('./shared-database.ts'), opening,
    ])
  )
  const opened = await opening
  const shared = sharedConnections(opened)
  // What all of them need is read beside them: a query that fails leaves its connection unusable for a moment.
  const databases = lanes === 1 ? [shared] : Array.from({ length: lanes }, () => sharedConnections(opened))
  for (const database of new Set([shared, ...databases])) ground.closeLater(database)
  const given = await ground.ingredients('CUSTOMER')
  const reader = oneAtATime(await shared.connect('reader'))
  const keys: readonly { readonly id: string; readonly key: string }[] = only?.map((id) => ({ id, key: '' }))
    ?? (await listOnboardings(reader)).filter(({ id }) => known?.has(id) !== true)
  // Among very many each look leaves its garbage behind; a young generation that stays small keeps memory small.
  if (keys.length > 100) (await import('node:v8')).setFlagsFromString('--semi-space-growth-factor=1')
  const sweepEvery = lanes === 1 ? MANY_LOOKS : MANY_LONG_LOOKS
  const sweep = keys.length > sweepEvery ? (await import('./sweep.ts')).sweeper() : () => undefined
  const runbooks = new Map<string, Runbook>()
  const evaluators = new Map<string, Evaluator>()
  const catalogues = new Map<string, ActionCatalogue>()
  const templates = pinnedTemplates(reader)
  const ids = keys.map(({ id }) => id)
  const readsAhead = (known ?? only) !== undefined && !whole
  const ahead = readsAhead && (await import('../journal/read-ahead.ts')).readingAhead(reader, ids, runbooks)
  const seen = (work: Work): Promise<T> => look(!ahead ? work : {
    ...work,
    reading: async (read) => {
      const { look } = await ahead(work.onboarding.id)
      return read(() => { throw new Error('the journal alone is read') }, look)
    },
  })
  const one = async ({ id, key }: (typeof keys)[number], database: Database): Promise<readonly T[]> => {
    const found = ahead
      ? (await ahead(id)).found
      : await findOnboarding(await database.connect('reader'), key, runbooks)
    if (!found) return []
    const { digest } = found.onboarding.runbook
    const catalogue = catalogues.get(digest) ?? (await ground.pinnedActions(reader, found))
    catalogues.set(digest, catalogue)
    const ingredients = { ...given, database, catalogue, outside: { ...given.outside, template: templates(digest) } }
    let evaluator = evaluators.get(digest) ?? deferredEvaluator
    for (;;) {
      try {
        return [await seen(assemble(found, evaluator, ingredients))]
      } catch (error) {
        evaluators.set(digest, (evaluator = await wider(error, found.runbook, catalogue)))
      }
    }
  }
  /** The last look on each connection: the next one waits for it. */
  const under_way = databases.map((): Promise<readonly T[]> => Promise.resolve([]))
  const begin = (at: number): Promise<readonly T[]> => {
    const [lane, key] = [at % lanes, keys[at]]
    const last = under_way[lane] ?? Promise.resolve([])
    const begun = last.then(() => (key === undefined ? [] : one(key, databases[lane] ?? shared)))
    // Whoever never comes to it need not hear of it.
    begun.catch(() => undefined)
    return (under_way[lane] = begun)
  }
  const begun: Promise<readonly T[]>[] = []
  const count = keys.length > MANY_TO_WAIT_FOR ? await ground.counter() : () => undefined
  try {
    for (let at = 0; at < keys.length; at++) {
      count(at, keys.length)
      if (at % sweepEvery === sweepEvery - 1) sweep()
      while (begun.length < Math.min(keys.length, at + lanes)) begun.push(begin(begun.length))
      // What has come of the next ones is taken in meanwhile, so that the server goes on.
      await new Promise(setImmediate)
      yield* (await begun[at]) ?? []
      delete begun[at]
    }
    sweep() // before all of it is printed
  } finally {
    count(keys.length, keys.length)
    await Promise.allSettled(under_way)
  }
}

/** The same client, for several who do not wait for each other: a connection answers one question at a time. */
function oneAtATime(client: Client): Client {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (...given: unknown[]): Promise<unknown> => {
    const answer = last.then(() => query(...given))
    last = answer.catch(() => undefined)
    return answer
  }
  client.query = inTurn as Client['query']
  return client
}

/** An evaluator that can do what the last one could not; throws on what is no such wish. */
async function wider(error: unknown, runbook: Runbook, catalogue: ActionCatalogue): Promise<Evaluator> {
  const { ExpressionNeeded } = await import('./deferred-evaluator.ts')
  if (error instanceof ExpressionNeeded) return (await import('./evaluator.ts')).plainEvaluatorOf(runbook)
  const { SchemaNeeded } = await import('../runbook/interpreter.ts')
  if (error instanceof SchemaNeeded) return (await import('./evaluator.ts')).evaluatorOf(runbook, catalogue)
  throw error
}
