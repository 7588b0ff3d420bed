import { defineAsk } from '../contract.ts'
import type { Answer, Question } from '../model.ts'

/** A named person says that something is so. */
export default defineAsk({
  title: 'Waits until a named person has confirmed it, with evidence where that is asked for.',
  example: { text: 'Is the contract signed by both sides?', from: ['legal'], evidence: 'required' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['text'],
    properties: {
      text: {
        type: 'string',
        minLength: 1,
        maxLength: 2000,
        description: 'What is confirmed, as a question or a sentence.',
      },
      from: {
        type: 'array',
        items: { type: 'string' },
        description: "Roles of which one person answers; default: the step's owners.",
      },
      evidence: {
        type: 'string',
        enum: ['required', 'optional', 'none'],
        default: 'optional',
        description: 'Whether files must come with it.',
      },
      distinct_from: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Mail addresses of people who may not sign this one, so that two different people do: '
          + '[${{ steps.first.outputs.email }}].',
      },
      first: {
        type: 'string',
        maxLength: 300,
        description:
          'Command that has to be typed before it can be signed, with CUSTOMER in it; '
          + 'an expression that yields an empty text where nothing is left to do.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['by', 'email', 'role', 'evidence'],
    properties: {
      by: { type: 'string', description: 'Name of the signer.' },
      email: { type: 'string', description: 'Mail address of the signer.' },
      role: { type: 'string', description: 'Role in which they signed.' },
      note: { type: ['string', 'null'] },
      evidence: { type: 'array', items: { type: 'string' }, description: 'sha256 (hex) of each file.' },
    },
  },
  ask: (input): Question => ({
    text: input.text,
    from: input.from ?? [],
    evidence: input.evidence ?? 'optional',
    // Absent where it is not asked for: what was signed before this input existed still reads the same.
    ...(input.distinct_from === undefined ? {} : { distinct_from: input.distinct_from }),
    ...(input.first === undefined || input.first === '' ? {} : { first: input.first }),
  }),
  accept(question: Question, answer: Answer) {
    if (question.from.length > 0 && !question.from.includes(answer.role)) {
      return { missing: `somebody in the role ${question.from.join(' or ')} must answer this, not ${answer.role}` }
    }
    if (question.evidence === 'required' && answer.evidence.length === 0)
      return { missing: 'evidence is required: --evidence FILE' }
    const { email } = answer.signer
    if (question.distinct_from?.some((other) => other.toLowerCase() === email.toLowerCase())) {
      return { missing: `somebody else must sign this: ${email} has signed what it is to be independent of` }
    }
    return {
      by: answer.signer.name,
      email,
      role: answer.role,
      note: answer.note,
      evidence: answer.evidence.map((e) => e.digest),
    }
  },
})
