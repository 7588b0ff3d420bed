import { defineProbe } from '../../contract.ts'
import type { Evidence } from '../../model.ts'
import { look, NAMED, tables } from './_connection.ts'

/** As sessions say why they ended: the person here, or the identity provider. */
const WAYS = { logout: 'here', provider: 'at the identity provider' } as const

interface Ended {
  readonly why: keyof typeof WAYS
  readonly at: string
}

/** Somebody who came in through the connection has signed out, and the session was over. */
export default defineProbe({
  title: 'Looks for a session through a connection that ended because its person signed out.',
  example: { tenant: 'acme' },
  input: { type: 'object', additionalProperties: false, required: ['tenant'], properties: { ...NAMED } },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['at'],
    properties: { at: { type: ['string', 'null'], description: 'When it ended.' } },
  },
  touches: 'nothing',
  max_age_ms: null,

  async probe(read, { tenant, connection }): Promise<Evidence> {
    const { row } = await look(read, tenant, connection)
    if (row === null) return { result: 'not_checked', reason: `there is no connection ${connection} yet` }
    const { sessions } = tables(read)
    const counts = await read.one<{ all: string }>(
      `SELECT count(*)::text AS all FROM ${sessions} WHERE connection_id = $1::uuid`, [row.id],
    )
    const ended = await read.many<Ended>(
      `SELECT ended_why AS why, to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at
         FROM ${sessions}
        WHERE connection_id = $1::uuid AND ended_why = ANY ($2::text[]) ORDER BY ended_at DESC LIMIT 20`,
      [row.id, Object.keys(WAYS)],
    )
    const [last] = ended
    if (last !== undefined) {
      const ways = [...new Set(ended.map(({ why }) => WAYS[why]))]
      return {
        result: 'pass',
        summary: `sessions ended by signing out ${ways.join(' and ')}, the last at ${last.at}`,
        data: { at: last.at, ways },
      }
    }
    const { all = '0' } = counts ?? {}
    return {
      result: 'not_checked',
      reason:
        all === '0'
          ? 'nobody has signed in through it yet, and out again; before the go-live administrators can'
          : `nobody who signed in through it has signed out (${all} sessions)`,
    }
  },

  outputs: (_input, evidence) => ({
    at: evidence.result === 'pass' ? ((evidence.data as { at?: string }).at ?? null) : null,
  }),
})
