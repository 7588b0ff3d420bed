import type { Schema } from '../model.ts'

const date = { type: 'string', format: 'date' }

/** Schemas of the contexts that no file describes. */
export const CONTEXT_SCHEMAS = {
  onboarding: {
    type: 'object',
    additionalProperties: false,
    required: ['slug', 'key', 'name', 'company', 'today', 'go_live', 'live_on', 'day'],
    properties: {
      slug: { type: 'string' },
      key: { type: 'string' },
      name: { type: 'string' },
      company: { type: 'string' },
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
