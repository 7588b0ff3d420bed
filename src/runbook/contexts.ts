import type { Schema } from '../model.ts'

const date = { type: 'string', format: 'date' }

/** Schemas of the contexts that no file describes. */
export const CONTEXT_SCHEMAS = {
  onboarding: {
    type: 'object',
    additionalProperties: false,
    required: ['slug', 'key', 'name', 'company', 'today'],
    properties: {
      slug: { type: 'string' },
      key: { type: 'string' },
      name: { type: 'string' },
      company: { type: 'string' },
      today: date,
    },
  },
} as const satisfies Record<string, Schema>
