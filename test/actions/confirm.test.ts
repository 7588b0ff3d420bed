import { describe, expect, test } from 'vitest'
import assertion from '../../src/actions/assert.ts'
import confirm from '../../src/actions/confirm.ts'

const answer = {
  signer: { name: 'Ada Meier', email: 'ada@vendor.example' },
  role: 'legal',
  note: 'as of the annex',
  evidence: [],
  recorder: { name: 'tom', email: null, how: 'os', verified: false },
} as const
const file = { name: 'contract.pdf', digest: 'a'.repeat(64), size: 3 }

describe('confirm', () => {
  test("asks the step's owners for a word, with evidence if they have some, unless the step says otherwise", () => {
    expect(confirm.ask({ text: 'Signed?' } as never)).toEqual({ text: 'Signed?', from: [], evidence: 'optional' })
    expect(confirm.ask({ text: 'Signed?', from: ['legal'], evidence: 'required' })).toEqual({
      text: 'Signed?',
      from: ['legal'],
      evidence: 'required',
    })
  })

  test('gives who, in which role, and the evidence by digest', () => {
    const question = confirm.ask({ text: 'Signed?', from: ['legal'], evidence: 'required' })
    expect(confirm.accept(question, { ...answer, evidence: [file] })).toEqual({
      by: 'Ada Meier',
      email: 'ada@vendor.example',
      role: 'legal',
      note: 'as of the annex',
      evidence: ['a'.repeat(64)],
    })
  })

  test('says what is missing: the role, the evidence', () => {
    expect(confirm.accept({ text: '?', from: ['cto', 'customer'], evidence: 'none' }, answer)).toEqual({
      missing: 'somebody in the role cto or customer must answer this, not legal',
    })
    expect(confirm.accept({ text: '?', from: ['legal'], evidence: 'required' }, answer)).toEqual({
      missing: 'evidence is required: --evidence FILE',
    })
  })
})

test('four eyes: who signed the one may not sign the other, however their address is written', () => {
  const question = confirm.ask({ text: 'Tested?', from: ['legal'], distinct_from: ['ADA@vendor.example'] } as never)
  expect(confirm.accept(question, answer)).toEqual({
    missing: 'somebody else must sign this: ada@vendor.example has signed what it is to be independent of',
  })
  const other = { ...answer, signer: { name: 'Tom', email: 'tom@vendor.example' } }
  expect(confirm.accept(question, other)).toMatchObject({ email: 'tom@vendor.example' })
})

describe('assert', () => {
  test.each([
    [{ that: true }, { result: 'pass' }, true],
    [{ that: false }, { result: 'fail', summary: 'Too many.' }, false],
    [{ that: false, severity: 'warn' }, { result: 'warn', summary: 'Too many.' }, false],
  ])('%j', async (input, evidence, holds) => {
    const seen = await assertion.probe({} as never, { message: 'Too many.', ...input } as never)
    expect(seen).toMatchObject(evidence)
    expect(assertion.outputs({} as never, seen)).toEqual({ holds })
  })
})
