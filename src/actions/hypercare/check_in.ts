import { defineAsk } from '../../contract.ts'
import type { Answer, Question } from '../../model.ts'

/** A check-in with the customer: held once its record is there, which `onboard hypercare check-in` writes and signs. */
export default defineAsk({
  title: 'Waits until the check-in of that day was held and recorded.',
  example: { day: 'day-3' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['day'],
    properties: {
      day: { type: 'string', pattern: '^day-[1-9][0-9]{0,2}$', description: 'The instance: ${{ each }}.' },
      from: {
        type: 'array', items: { type: 'string' },
        description: "Roles of which one person holds it; default: the step's owners.",
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['by', 'document'],
    properties: {
      by: { type: 'string', description: 'Name of who held it.' },
      document: { type: 'string', description: 'sha256 (hex) of its record.' },
    },
  },
  ask: ({ day, from }): Question => ({
    text: `Hold the check-in of ${day.replace('-', ' ')}: what the customer says, what is open, what is to do.`,
    from: from ?? [],
    evidence: 'required',
    command: `onboard hypercare check-in CUSTOMER --day ${day.slice(4)}`,
  }),
  accept(question: Question, answer: Answer) {
    if (question.from.length > 0 && !question.from.includes(answer.role)) {
      return { missing: `somebody in the role ${question.from.join(' or ')} must hold it, not ${answer.role}` }
    }
    const record = answer.evidence.find(({ name }) => /^check-in-day-\d+\.md$/.test(name))
    if (record === undefined) return { missing: 'its record is written by: onboard hypercare check-in' }
    return { by: answer.signer.name, document: record.digest }
  },
})
