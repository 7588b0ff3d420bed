import type { Schema } from '../model.ts'

const date = { type: 'string', format: 'date' }

/** Schemas of the contexts that no file describes. */
export const CONTEXT_SCHEMAS = {
  onboarding: {
    type: 'object',
    additionalProperties: false,
    required: ['slug', 'tenant_slug', 'key', 'name', 'company', 'title', 'today', 'go_live', 'live_on', 'day'],
    properties: {
      slug: { type: 'string' },
      /** What its tenant is called: `acme`, or `acme-eu` of the onboarding acme/eu. */
      tenant_slug: { type: 'string' },
      key: { type: 'string' },
      name: { type: 'string' },
      company: { type: 'string' },
      /** The company; where it has several onboardings, with the name of this one: `Acme (eu)`. */
      title: { type: 'string' },
      today: date,
      /** The handoff's date, or that to which it was moved last. */
      go_live: date,
      /** The day on which production access was given; null before. */
      live_on: { type: ['string', 'null'], format: 'date' },
      /** Calendar days since then: 0 on that day. */
      day: { type: ['integer', 'null'] },
    },
  },
} as const satisfies Record<string, Schema>

/** Schema of `procedure`, which the steps of a procedure read: why it was begun, and when. */
export function procedureSchema({ conditions }: { readonly conditions?: Readonly<Record<string, string>> }): Schema {
  const condition =
    conditions === undefined ? { type: ['string', 'null'] } : { enum: Object.keys(conditions), type: 'string' }
  return {
    type: 'object',
    additionalProperties: false,
    required: ['occurrence', 'condition', 'issue', 'reason', 'began'],
    properties: {
      /** 1 for the first time that the procedure is carried out. */
      occurrence: { type: 'integer' },
      condition,
      issue: { type: ['string', 'null'] },
      reason: { type: 'string' },
      began: date,
    },
  }
}
