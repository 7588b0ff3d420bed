import { defineProbe } from '../../contract.ts'
import { tracesOf } from '../../identity/login/traces.ts'
import type { Evidence, Json } from '../../model.ts'
import { look, NAMED, queryOf, tables } from './_connection.ts'

const LAST = 50

/** A login through a connection that is switched on, since it was last changed; a test is none. */
export default defineProbe({
  title: 'Looks for a login through a connection since it was last changed, by which somebody came in.',
  example: { tenant: 'acme', within_days: 30 },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: {
      ...NAMED,
      within_days: {
        type: 'integer', minimum: 1, maximum: 365, default: 30, description: 'A login that is older says nothing.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['email', 'at'],
    properties: {
      email: { type: ['string', 'null'], description: 'Who signed in last.' },
      at: { type: ['string', 'null'], description: 'When.' },
    },
  },
  touches: 'nothing',
  max_age_ms: 7 * 86_400_000,

  async probe(read, { tenant, connection, within_days: days }): Promise<Evidence> {
    const { row } = await look(read, tenant, connection)
    if (row === null) return { result: 'not_checked', reason: `there is no connection ${connection} yet` }
    if (!row.enabled) return { result: 'fail', summary: `the connection ${connection} is switched off`, data: null }
    const begin = await read.one<{ since: string }>(
      `SELECT to_char(greatest(onboard.now() - make_interval(days => $1::int), $2::timestamptz) AT TIME ZONE 'UTC',
                      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since`,
      [days, row.changed],
    )
    const traces = await tracesOf(queryOf(read), tables(read), {
      connection: row.id, since: begin?.since ?? row.changed, purpose: 'login', most: LAST,
    })
    const found = traces.find(({ accepted }) => accepted)
    const [last] = traces
    if (found !== undefined) {
      const { email = null } = (found.mapped ?? {}) as { readonly [field: string]: Json }
      const summary = `${String(email)} signed in at ${found.at.slice(0, 16)}Z`
      return { result: 'pass', summary, data: { email, at: found.at } }
    }
    const next = `onboard diagnose sso ${read.onboarding.key}`
    if (last === undefined) {
      const reason = `nobody has signed in through it in the last ${days} days, since it was last changed`
      return { result: 'not_checked', reason }
    }
    const summary = `the last login was refused (${last.code ?? last.stage}): ${last.reason ?? ''}`
    return { result: 'fail', summary, data: { at: last.at, code: last.code }, next }
  },

  outputs(_input, evidence) {
    if (evidence.result !== 'pass') return { email: null, at: null }
    const { email = null, at = null } = evidence.data as { readonly email?: string | null; readonly at?: string | null }
    return { email, at }
  },
})
