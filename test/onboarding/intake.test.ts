import { describe, expect, test } from 'vitest'
import { parseOnly } from '../../src/input/document.ts'
import type { Json, JsonObject } from '../../src/model.ts'
import { checkHandoff, errorsOf } from '../../src/onboarding/handoff.ts'
import { answerOf, wrongAnswer } from '../../src/onboarding/intake-answer.ts'
import { applying, handoffOf, intakeQuestions, type Answers } from '../../src/onboarding/intake-questions.ts'
import { writeHandoff } from '../../src/onboarding/write-handoff.ts'
import { ACME, ALL, DISCOVERY, TODAY } from './samples.ts'

const fields = (answers: Answers) => intakeQuestions(answers, ALL).map(({ field }) => field)
const judge = (field: string, answer: Json, answers: Answers = {}) => {
  const question = intakeQuestions({ ...answers }, ALL).find((one) => one.field === field)
  if (question === undefined) throw new Error(`${field} is not asked`)
  return wrongAnswer(question, answer, { answers, config: ALL, today: TODAY })
}

describe('only what applies is asked', () => {
  test.each([
    ['technical.sso.idp', { 'technical.sso.required': true }, { 'technical.sso.required': false }],
    ['technical.scim.groups', { 'technical.scim.required': true }, {}],
    ['commercial.limits.storage_gb', { 'commercial.plan': 'custom' }, { 'commercial.plan': 'enterprise' }],
    ['compliance.residency_other', { 'compliance.residency': 'other' }, { 'compliance.residency': 'eu' }],
    ['contacts.it_admin.email', { 'contacts.it_admin.name': 'Uta' }, { 'contacts.it_admin.name': null }],
    ['discovery.network.proxy', { discovery: true }, { discovery: false }],
  ] as const)('%s', (field, asked, spared) => {
    expect(fields(asked)).toContain(field)
    expect(fields(spared)).not.toContain(field)
  })

  test('what an answer made superfluous is left out', () => {
    const answers = { 'technical.sso.required': false, 'technical.sso.idp': 'okta' }
    expect(applying(answers, ALL)).toEqual({ 'technical.sso.required': false })
  })
})

describe('an answer is judged as handoff check judges it', () => {
  test.each([
    ['contacts.primary.email', 'ada', 'must be an e-mail address'],
    ['dates.contract_start', '2026-02-30', 'is no date: that month has 28 days'],
    ['dates.go_live', '2026-01-01', 'is past: today is'],
    ['commercial.users', 'many', 'must be a whole number'],
    ['commercial.users', 0, 'commercial.users'],
    ['company.timezone', 'Europe/Berln', 'did you mean Europe/Berlin?'],
    ['compliance.certifications', ['soc2', 'soc2'], 'compliance.certifications'],
    ['company.name', null, 'company.name is needed'],
    ['technical.integrations', [{ name: 'X', kind: '' }], 'technical.integrations[0].kind is empty'],
  ] as const)('%s %j', (field, answer, says) => {
    expect(judge(field, answer as Json)).toContain(says)
  })

  test('go-live comes after the contract; a slug that nobody can derive has to be given, the name stays', () => {
    expect(judge('dates.go_live', '2026-12-01', { 'dates.contract_start': '2026-12-24' })).toContain('must be after')
    expect(judge('company.name', '株式会社アクメ')).toBeUndefined()
    expect(judge('company.slug', null, { 'company.name': '株式会社アクメ' })).toContain('give company.slug in Latin letters')
    expect(judge('company.slug', null, { 'company.name': 'Demo' })).toContain('it is a word of the command line')
    expect(judge('company.slug', 'acme', { 'company.name': '株式会社アクメ' })).toBeUndefined()
  })

  test('what is typed becomes the value that is meant', () => {
    expect(answerOf({ kind: 'number' }, ' 1000 ')).toBe(1000)
    expect(answerOf({ kind: 'number' }, '1.000.000')).toBe('1.000.000')
    expect(answerOf({ kind: 'list' }, 'soc2, , iso27001')).toEqual(['soc2', 'iso27001'])
    expect(answerOf({ kind: 'text' }, '  ')).toBeNull()
  })
})

describe('the file that is written', () => {
  const read = (text: string): JsonObject => {
    const { value, diagnostics } = parseOnly(Buffer.from(text), { file: 'handoff.yaml' })
    expect(diagnostics).toEqual([])
    return value as JsonObject
  }

  test('holds the very handoff, with what each field is beside it', () => {
    const handoff = { ...read(ACME), discovery: read(DISCOVERY) }
    const text = writeHandoff(handoff)
    expect(read(text)).toEqual(handoff)
    const { diagnostics } = checkHandoff({ bytes: Buffer.from(text), file: 'handoff.yaml' }, { today: TODAY, config: ALL })
    expect(errorsOf(diagnostics)).toEqual([])
    expect(text).toMatch(/^ {2}users: 1000 +# Users contracted\.$/m)
    expect(text).toMatch(/^ {2}# limits: +# Limits agreed/m)
  })

  test.each(['yes', 'No', '012', '1e3', 'a: b', '# x', "it's", '"q"', '- x', '株式会社', 'a\nb', 'x #y', 'null', '~', '{x}', 'a,b', '*x', '1_000', '2026-12-01'])(
    'a text stays the text that it is: %j', (name) => {
      expect(read(writeHandoff({ company: { name } }))).toEqual({ company: { name } })
    })
})

test('answers become the handoff: open ones are left out, no proxy is an answer', () => {
  expect(handoffOf({ 'company.name': 'Acme', 'company.slug': null, discovery: true, 'discovery.network.proxy': null })).toEqual({
    company: { name: 'Acme' }, discovery: { network: { proxy: null } },
  })
})
