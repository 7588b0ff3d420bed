import { describe, expect, test } from 'vitest'
import action from '../../src/actions/form.ts'
import type { Answer, JsonObject } from '../../src/model.ts'
import { misfits } from '../../src/runbook/fit.ts'

const fields = {
  summary: { title: 'In one line', type: 'text' },
  story: { title: 'In their words', type: 'lines', required: false },
  users: { title: 'How many', type: 'integer', min: 1, max: 500 },
  rate: { title: 'How fast', type: 'number', required: false },
  happy: { title: 'Are they happy?', type: 'boolean' },
  on: { title: 'When', type: 'date' },
  who: { title: 'Whom to write to', type: 'email' },
  grade: { title: 'How it was', type: 'text', enum: ['good', 'bad'] },
  actions: { title: 'What is to be done', type: 'list', of: { text: { title: 'What', type: 'text' }, due: { title: 'Until', type: 'date', required: false } } },
  tags: { title: 'Tags', type: 'list', required: false },
}
const good: JsonObject = { summary: 'Well', users: 12, happy: true, on: '2027-02-18', who: 'ada@acme.example', grade: 'good', actions: [{ text: 'Call' }] }
const input = { text: 'How was it?', from: ['customer-success'], fields } as never

const answered = (values: JsonObject, more: Partial<Answer> = {}) => action.accept(action.ask(input), {
  signer: { name: 'Cleo Adams', email: 'cleo@vendor.example' }, role: 'customer-success', recorder: { name: 'Cleo', email: null, how: 'os', verified: false },
  note: null, evidence: [], values, ...more,
})

test('answers are the outputs, with null for what was left out, and fit the schema that the checker sees', () => {
  const outputs = answered(good)
  expect(outputs).toEqual({
    summary: 'Well', story: null, users: 12, rate: null, happy: true, on: '2027-02-18', who: 'ada@acme.example', grade: 'good',
    actions: [{ text: 'Call', due: null }], tags: null, answered_by: { name: 'Cleo Adams', email: 'cleo@vendor.example' },
  })
  const schema = action.outputFor?.(input) ?? {}
  expect(misfits(outputs, schema)).toEqual([])
  expect(misfits({ ...(outputs as object), users: 'many' }, schema)).toHaveLength(1)
  expect(Object.keys((schema as { properties: object }).properties)).toEqual([...Object.keys(fields), 'answered_by'])
})

test('numbers and booleans may come as text, from a command line', () => {
  expect(answered({ ...good, users: '12', rate: '0.5', happy: 'no' })).toMatchObject({ users: 12, rate: 0.5, happy: false })
})

describe('what does not fit', () => {
  test('of what is missing it is said what may be given', () => {
    const { grade: _grade, actions: _actions, ...rest } = good
    expect(answered(rest as JsonObject)).toEqual({ missing: `grade is missing: ${fields.grade.title} (good, bad); actions is missing: What is to be done (actions: [{ text: …, due: … }])` })
  })

  test('is said all at once', () => {
    expect(answered({ users: 0, happy: 'perhaps', on: '2027-02-30', who: 'ada', grade: 'fair', actions: [{ due: 'soon' }, 'x'], tags: 'a', more: 1 })).toEqual({
      missing: [
        'more is not asked for; summary, story, users, rate, happy, on, who, grade, actions, tags are', 'summary is missing: In one line', 'users: 0 is less than 1',
        'happy: "perhaps" is not yes or no (true or false)', 'on: "2027-02-30" is not a date, YYYY-MM-DD', 'who: "ada" is not a mail address', 'grade: "fair" is not one of good, bad',
        'actions[0].text is missing: What', 'actions[0].due: "soon" is not a date, YYYY-MM-DD', 'actions[1] is to have text, due', 'tags: "a" is not a list: it stands in a file for --answers, tags: […, …]',
      ].join('; '),
    })
  })
  test.each([
    ['summary', 'two\nlines'], ['summary', '\u001b[31mred'], ['summary', 'x'.repeat(301)], ['users', 1.5], ['users', 501], ['users', '1e9'], ['users', 2 ** 60], ['on', '18.02.2027'],
    ['who', 'a@b.example, c@d.example'], ['story', 'bell\u0007'], ['actions', Array.from({ length: 201 }, () => ({ text: 'x' }))], ['__proto__', 1],
  ])('%s: %j', (name, value) => {
    const given = JSON.parse(JSON.stringify(good).replace('{', `{${JSON.stringify(name)}:${JSON.stringify(value)},`)) as JsonObject
    const last = name in good && name !== '__proto__' ? { ...good, [name]: value } : given
    expect(answered(last as JsonObject)).toEqual({ missing: expect.stringContaining(name) })
  })
  test('somebody of another role, and evidence that is missing', () => {
    expect(answered(good, { role: 'legal' })).toEqual({ missing: expect.stringContaining('customer-success') })
    expect(action.accept({ ...action.ask(input), evidence: 'required' }, { role: 'customer-success', evidence: [], values: good } as never)).toEqual({ missing: expect.stringContaining('--evidence FILE') })
  })
})
