import { describe, expect, test } from 'vitest'
import decision from '../../src/actions/decision.ts'

const rows = [
  { when: false, outcome: 'workshop' },
  { when: true, outcome: 'guided' },
  { when: true, outcome: 'self-service' },
]

describe('decision', () => {
  test('gives the outcome of the first row that holds, and says which', async () => {
    const evidence = await decision.probe(undefined as never, { rows })
    expect(evidence).toEqual({ result: 'pass', summary: 'row 2: guided', data: { outcome: 'guided', row: 2 } })
    expect(decision.outputs({ rows }, evidence)).toEqual({ outcome: 'guided', row: 2 })
  })

  test('fails where no row holds', async () => {
    const none = { rows: rows.map((row) => ({ ...row, when: false })) }
    expect(await decision.probe(undefined as never, none)).toEqual({ result: 'fail', summary: 'none of the 3 rows holds', data: null })
  })
})
