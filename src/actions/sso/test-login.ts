import { defineProbe, type Reader } from '../../contract.ts'
import { type Trace, tracesOf } from '../../identity/login/traces.ts'
import type { Evidence, Json, JsonObject } from '../../model.ts'
import { look, NAMED, queryOf, tables } from './_connection.ts'

const LAST = 50

/** What a probe keeps of a trace: what came of it, not all that was sent of a person. */
const kept = ({ at, accepted, stage, code, reason, mapped, attributes }: Trace): JsonObject => ({
  at, accepted, stage, code, reason, mapped, sent: Object.keys(attributes ?? {}),
})

/** A test login by a link of `onboard sso test`, since the connection was last changed. */
export default defineProbe({
  title:
    'Looks for a test login through a connection since it was last changed: who it would be, or why it was refused.',
  example: { tenant: 'acme', who: 'anybody' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: {
      ...NAMED,
      who: {
        type: 'string',
        enum: ['anybody', 'stranger'],
        default: 'anybody',
        description:
          'stranger: somebody without an account, let in or refused as the connection says; '
          + 'where a directory says who has one, refused.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['email', 'name', 'role', 'account'],
    properties: {
      email: { type: ['string', 'null'] },
      name: { type: ['string', 'null'] },
      role: { type: ['string', 'null'] },
      account: { type: ['string', 'null'], description: 'known, linked or created; null: kept out, as agreed.' },
    },
  },
  touches: 'nothing',
  max_age_ms: 30 * 86_400_000,

  async probe(read, { tenant, connection, who }): Promise<Evidence> {
    const { tenant: key, row } = await look(read, tenant, connection)
    const again = `onboard sso test ${read.onboarding.key}`
    if (row === null) return { result: 'not_checked', reason: `there is no connection ${connection} yet` }
    const traces = await tracesOf(
      queryOf(read), tables(read), { connection: row.id, since: row.changed, purpose: 'test', most: LAST },
    )
    const byDirectory = who === 'stranger' && (await hasDirectory(read, key))
    const isIt =
      who === 'stranger' ? isStranger(row.settings['jit'] === true, byDirectory) : ({ accepted }: Trace) => accepted
    const found = traces.find(isIt)
    const [last] = traces
    if (found === undefined) {
      if (last === undefined || last.accepted) {
        const nobody = who === 'stranger' ? 'nobody without an account' : 'nobody'
        return { result: 'not_checked', reason: `${nobody} has tried it since it was last changed`, next: again }
      }
      return {
        result: 'fail',
        summary: `the last test login was refused (${last.code ?? last.stage}): ${last.reason ?? ''}`,
        data: { last: kept(last) },
        next: again,
      }
    }
    const later = traces.slice(0, traces.indexOf(found))
    const data = { found: kept(found), later_refusals: later.filter((one) => !one.accepted).map(kept) }
    if (!found.accepted) {
      const whom = byDirectory ? 'whom the directory does not know' : 'without an account'
      return { result: 'pass', summary: `somebody ${whom} was kept out`, data }
    }
    const { email, role, account } = (found.mapped ?? {}) as { readonly [field: string]: Json }
    const how = account === 'created' ? ', with an account made at the first login' : ''
    const summary = `${String(email)} signed in, and is ${String(role)}${how}`
    return { result: data.later_refusals.length > 0 ? 'warn' : 'pass', summary, data }
  },

  outputs(_input, evidence) {
    const data = evidence.result === 'pass' || evidence.result === 'warn'
      ? (evidence.data as { found?: { mapped?: JsonObject | null } })
      : {}
    const mapped = (data.found?.mapped ?? {}) as { readonly [field: string]: string | null }
    const { email = null, name = null, role = null, account = null } = mapped
    return { email, name, role, account }
  },
})

/**
 * Let in with an account that would be made, or refused because there is none:
 * as the connection says, unless a directory does.
 */
const isStranger = (jit: boolean, byDirectory: boolean) => ({ accepted, code, mapped }: Trace): boolean =>
  accepted ? jit && mapped?.['account'] === 'created' : (!jit || byDirectory) && code === 'unknown-user'

/**
 * Whether a directory says who has an account: it has the last word over first logins.
 * @param tenant key of the tenant
 */
async function hasDirectory(read: Reader, tenant: string | null): Promise<boolean> {
  const found = await read.one<{ scim: boolean }>(
    `SELECT coalesce(settings #>> '{enabled,scim}', 'false') = 'true' AS scim
       FROM ${tables(read).tenants} WHERE id = $1::uuid`,
    [tenant],
  )
  return found?.scim ?? false
}
