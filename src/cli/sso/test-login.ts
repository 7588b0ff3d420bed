/** A test login: a link is made, somebody signs in by it, and what came of it is shown. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from 'pg'
import { EXIT, OnboardError } from '../../errors.ts'
import { connectionsOf } from '../../identity/login/connections.ts'
import { newTestLink, type TestLink } from '../../identity/login/test-link.ts'
import { type Trace, tracesOf } from '../../identity/login/traces.ts'
import type { Connection } from '../../identity/login/types.ts'
import { type Query, tablesOf, type Tables } from '../../identity/sql.ts'
import type { JsonObject } from '../../model.ts'
import type { Context } from '../context.ts'

/** How often it is looked whether somebody has signed in. */
const EVERY_MS = 500
/** A link outlives the waiting: the page of the identity provider may still be open. */
const LONGER_S = 600

export interface TestResult {
  readonly onboarding: string
  readonly connection: string
  readonly outcome: 'accepted' | 'refused' | 'nobody'
  /** Address, name, role and account as mapped. */
  readonly mapped: JsonObject | null
  /** What was sent, by name. */
  readonly attributes: JsonObject | null
  readonly refused: { readonly stage: string; readonly code: string; readonly reason: string } | null
}

export interface Trying {
  readonly connection: Connection
  readonly link: TestLink
  readonly url: string
  /** Waits so long for the first login by the link. */
  ended(seconds: number): Promise<TestResult>
}

/** Makes the link. Throws usage where there is no such connection, waiting where the product keeps none. */
export async function tryLogin(
  context: Context, customer: string, name: string, origin: string | undefined,
): Promise<Trying> {
  const { onboarding } = await context.work(customer)
  const config = await context.config()
  if (config.product.form !== 'reference') {
    const message = 'Connections are kept by the reference product; yours has its own.'
    throw new OnboardError('waiting', 'capability-unavailable', message)
  }
  const tables = tablesOf(config.product.schema ?? 'public')
  const { link, connection, last } = await context.connected('app', async (client) => {
    const query = queryOf(client)
    const connection = named(
      await connectionsOf(query, tables, onboarding.tenant_slug ?? onboarding.slug), name, onboarding.key,
    )
    const [last] = await tracesOf(query, tables, { connection: connection.id, most: 1 })
    return { connection, link: await newTestLink(query, tables, connection, LONGER_S * 2), last: last?.id ?? '0' }
  })
  const base = new URL(origin ?? config.vendor.app_url).origin
  return {
    connection, link, url: `${base}/sso/${connection.slug}/${connection.name}/login?test=${link.token.reveal()}`,
    ended: (seconds) => context.connected('reader', (client) => (
      ended(queryOf(client), tables, { onboarding: onboarding.key, connection, link, last, seconds })
    )),
  }
}

const queryOf = (client: Client): Query => async <R>(sql: string, params: readonly unknown[] = []) => (
  (await client.query(sql, [...params])).rows as R[]
)

function named(all: readonly Connection[], name: string, customer: string): Connection {
  const found = all.find((one) => one.name === name)
  if (found !== undefined) return found
  if (all.length === 0) {
    throw new OnboardError('usage', 'no-connection', `${customer} has no connection yet.`, {
      suggestions: [`onboard sso ${customer} --metadata FILE`],
    })
  }
  const names = all.map((one) => one.name)
  const message = `${customer} has no connection ${name}: it has ${names.join(', ')}.`
  throw new OnboardError('usage', 'no-connection', message, {
    suggestions: [`onboard sso test ${customer} --connection ${names[0] ?? ''}`],
  })
}

interface Waiting {
  readonly onboarding: string
  readonly connection: Connection
  readonly link: TestLink
  /** The last trace before. */
  readonly last: string
  readonly seconds: number
}

async function ended(
  query: Query, tables: Tables, { onboarding, connection, link, last, seconds }: Waiting,
): Promise<TestResult> {
  const until = performance.now() + seconds * 1000
  const about = { onboarding, connection: connection.name }
  for (;;) {
    const traces = await tracesOf(query, tables, { connection: connection.id, after: last, most: 50 })
    const found = traces.toReversed().find((one) => one.request_id === link.id || isOurs(one, connection))
    if (found !== undefined) return { ...about, ...outcomeOf(found) }
    if (performance.now() > until) return { ...about, outcome: 'nobody', mapped: null, attributes: null, refused: null }
    await wait(EVERY_MS)
  }
}

/** What cannot be told to belong to a request is this test's while nobody else can sign in. */
const isOurs = ({ request_id, accepted }: Trace, { enabled }: Connection): boolean => (
  !enabled && !accepted && request_id === null
)

function outcomeOf(
  { accepted, mapped, attributes, stage, code, reason }: Trace,
): Omit<TestResult, 'onboarding' | 'connection'> {
  const refused = accepted ? null : { stage, code: code ?? stage, reason: reason ?? '' }
  return { outcome: accepted ? 'accepted' : 'refused', mapped, attributes, refused }
}

const EXITS = { accepted: EXIT.done, refused: EXIT.verification, nobody: EXIT.waiting } as const

/** 6 where it was refused, 5 where nobody came. */
export const exitOf = ({ outcome }: TestResult): number => EXITS[outcome]
