import { defineAsk } from '../../contract.ts'
import type { Answer, Question } from '../../model.ts'

/** Somebody watches the metrics while a customer's first hour goes by; `onboard go-live watch` does, and signs. */
export default defineAsk({
  title: 'Waits until the metrics were watched for so long after go-live, with what was seen.',
  example: { minutes: 60 },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['minutes'],
    properties: {
      minutes: { type: 'integer', minimum: 1, maximum: 1440, description: 'For how long.' },
      from: {
        type: 'array', items: { type: 'string' },
        description: "Roles of which one person watches; default: the step's owners.",
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['by', 'report'],
    properties: {
      by: { type: 'string', description: 'Name of who watched.' },
      report: { type: 'string', description: 'sha256 (hex) of what was seen.' },
    },
  },
  ask: ({ minutes, from }): Question => ({
    text: `Watch the metrics for the first ${minutes} minutes, and say what you saw.`,
    from: from ?? [],
    evidence: 'required',
    command: `onboard go-live watch CUSTOMER --for ${minutes}m`,
  }),
  accept(question: Question, answer: Answer) {
    if (question.from.length > 0 && !question.from.includes(answer.role)) {
      return { missing: `somebody in the role ${question.from.join(' or ')} must watch, not ${answer.role}` }
    }
    const [report] = answer.evidence
    if (report === undefined) return { missing: 'a report of what was seen: onboard go-live watch writes one' }
    return { by: answer.signer.name, report: report.digest }
  },
})
