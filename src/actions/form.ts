import { defineAsk } from '../contract.ts'
import type { Answer, JsonObject, Question } from '../model.ts'
import { type Fields, fill, schemaOfAll } from './_form.ts'

const ANSWERED_BY = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'email'],
  properties: { name: { type: 'string' }, email: { type: 'string' } },
  description: 'Who filled it in.',
} as const

/** What is filled in: a list holds no lists. */
const FIELD = {
  type: 'object',
  additionalProperties: false,
  required: ['title', 'type'],
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 300, description: 'What is asked for.' },
    type: {
      type: 'string',
      enum: ['text', 'lines', 'integer', 'number', 'boolean', 'date', 'email'],
      description: 'text: one line; lines: several; list: texts, or objects with the fields of `of`.',
    },
    required: { type: 'boolean', default: true, description: 'Whether it must be there; what is not is null.' },
    enum: {
      type: 'array', items: { type: 'string' }, minItems: 1, description: 'Of a text: the answers that there are.',
    },
    min: { type: 'number', description: 'Least number.' },
    max: { type: 'number', description: 'Greatest number.' },
  },
} as const

/** Several values from a person, each with its type; all that does not fit is said at once. */
export default defineAsk({
  title: 'Waits until a named person has filled in some fields; their answers are the outputs.',
  example: {
    text: 'What did the customer say at the check-in?',
    from: ['customer-success'],
    fields: {
      feedback: { title: 'In their words', type: 'lines', required: false },
      satisfaction: { title: 'How satisfied are they, 1 to 5?', type: 'integer', min: 1, max: 5 },
    },
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['text', 'fields'],
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 2000, description: 'What is asked.' },
      from: {
        type: 'array', items: { type: 'string' },
        description: "Roles of which one person answers; default: the step's owners.",
      },
      evidence: {
        type: 'string', enum: ['required', 'optional', 'none'], default: 'optional',
        description: 'Whether files must come with it.',
      },
      fields: {
        type: 'object',
        minProperties: 1,
        description: 'What is filled in, by name: { title, type, required, enum, min, max, of }.',
        additionalProperties: {
          ...FIELD,
          properties: {
            ...FIELD.properties,
            type: { ...FIELD.properties.type, enum: [...FIELD.properties.type.enum, 'list'] },
            of: {
              type: 'object', minProperties: 1, description: 'Of a list: the fields of each item, as here.',
              additionalProperties: FIELD,
            },
          },
        },
      },
    },
  },
  output: {
    type: 'object', additionalProperties: true, required: ['answered_by'], properties: { answered_by: ANSWERED_BY },
  },
  outputFor: ({ fields }) => {
    const { properties, required } = schemaOfAll(fields as unknown as Fields) as {
      properties: object
      required: readonly string[]
    }
    return {
      type: 'object', additionalProperties: false, required: [...required, 'answered_by'],
      properties: { ...properties, answered_by: ANSWERED_BY },
    }
  },
  ask: ({ text, from, evidence, fields }): Question => (
    { text, from: from ?? [], evidence: evidence ?? 'optional', fields: fields as unknown as JsonObject }
  ),
  accept(question: Question, answer: Answer) {
    if (question.from.length > 0 && !question.from.includes(answer.role)) {
      return { missing: `somebody in the role ${question.from.join(' or ')} must answer this, not ${answer.role}` }
    }
    if (question.evidence === 'required' && answer.evidence.length === 0) {
      return { missing: 'evidence is required: --evidence FILE' }
    }
    const { values, wrong } = fill(question.fields as unknown as Fields, answer.values ?? {})
    if (wrong.length > 0) return { missing: wrong.join('; ') }
    return { ...values, answered_by: { name: answer.signer.name, email: answer.signer.email } }
  },
})
