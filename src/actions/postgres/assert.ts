import { defineProbe, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Evidence, Json } from '../../model.ts'
import { refusals } from '../../product/sql-error.ts'

/** Rows kept as evidence; more are only counted. */
const SHOWN = 5
const COUNTED = 1000

interface Line {
  readonly row: string
  readonly first: string | null
  readonly same: boolean
}

/** A query whose answer is what it should be. It runs where nothing can be written. */
export default defineProbe({
  title: 'Checks by a query on the database that there are rows, that there are none, or what its one value is.',
  example: {
    sql: 'SELECT count(*) FROM users WHERE tenant_id = $1',
    params: ['00000000-0000-4000-8000-000000000000'],
    expect: 'value',
    value: 0,
    message: 'The tenant has users already.',
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['sql', 'message'],
    properties: {
      sql: {
        type: 'string',
        minLength: 1,
        description: 'One SELECT, with $1, $2 … for params. Each column has a name of its own.',
      },
      params: { type: 'array', description: 'Values for $1, $2 …, never pasted into the text.' },
      expect: {
        type: 'string',
        enum: ['rows', 'no_rows', 'value'],
        default: 'rows',
        description: 'value: one row, whose first column is `value`.',
      },
      value: {
        type: ['string', 'number', 'boolean', 'null'],
        description: 'What is expected; compared by the database.',
      },
      message: { type: 'string', minLength: 1, description: 'What is wrong where it is not so.' },
      severity: {
        type: 'string',
        enum: ['fail', 'warn'],
        default: 'fail',
        description: 'warn lets the onboarding go on.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['holds', 'rows'],
    properties: {
      holds: { type: 'boolean' },
      rows: { type: 'integer', description: `How many rows there are, counted up to ${COUNTED}.` },
      value: { type: ['string', 'number', 'boolean', 'null'], description: 'First column of the first row.' },
    },
  },
  touches: 'nothing',
  max_age_ms: 5 * 60_000,

  async probe(read, input): Promise<Evidence> {
    const lines = await query(read, input.sql, input.params ?? [], input.value ?? null)
    const first = lines[0]
    const expect = input.expect ?? 'rows'
    const holds =
      expect === 'rows'
        ? lines.length > 0
        : expect === 'no_rows'
          ? lines.length === 0
          : lines.length === 1 && first?.same === true
    const rows = lines.length > COUNTED ? COUNTED : lines.length
    const data = {
      rows,
      value: first?.first === undefined || first.first === null ? null : (JSON.parse(first.first) as Json),
      // Rows that should not be there, or a value that is another: what a person needs to see.
      seen: holds ? [] : lines.slice(0, SHOWN).map((line) => JSON.parse(line.row) as Json),
    }
    return holds
      ? { result: 'pass', summary: rows === 1 ? '1 row' : `${rows} rows`, data }
      : { result: input.severity ?? 'fail', summary: input.message, data }
  },

  outputs: (_input, evidence) => {
    const data =
      evidence.result === 'not_checked'
        ? {}
        : (evidence.data as { rows?: number; value?: string | number | boolean | null })
    return { holds: evidence.result === 'pass', rows: data.rows ?? 0, value: data.value ?? null }
  },
})

async function query(read: Reader, sql: string, params: readonly Json[], value: Json): Promise<readonly Line[]> {
  const n = params.length + 1
  const inner = sql.trim().replace(/;\s*$/, '')
  // Numbers are compared as numbers and all else as text, by the database: a bigint may be given as text.
  const text = `
    SELECT r.row::text AS row, f.value::text AS first, 
      (f.value IS NOT DISTINCT FROM w.value OR f.value #>> '{}' IS NOT DISTINCT FROM w.value #>> '{}') AS same
    FROM (SELECT row_to_json(q) AS row FROM (\n${inner}\n) q LIMIT ${COUNTED + 1}) r
    CROSS JOIN (SELECT $${n}::jsonb AS value) w
    LEFT JOIN LATERAL (SELECT e.value::jsonb FROM json_each(r.row) e LIMIT 1) f ON true`
  return refusals('sql', async () => {
    try {
      return await read.many<Line>(text, [...params, JSON.stringify(value)])
    } catch (error) {
      throw wrongSql(error) ?? error
    }
  })
}

/** Class 42, but for missing rights: the text of the query is wrong. */
function wrongSql(error: unknown): OnboardError | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    const code = 'code' in e && typeof e.code === 'string' ? e.code : ''
    if (code.startsWith('42') && code !== '42501')
      return new OnboardError('invalid', 'sql', `sql: ${e.message}`, { cause: error })
    if (code === '25006')
      return new OnboardError('forbidden', 'read-only', `sql: ${e.message}; a probe only reads`, { cause: error })
  }
  return undefined
}
