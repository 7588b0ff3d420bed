/** Schema of a document's name: it is part of addresses and file names. */
export const DOCUMENT_NAME = {
  type: 'string',
  pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  maxLength: 100,
  description: 'Name of the document: lower-case letters, digits and hyphens.',
} as const

/** What every action that makes a document gives. */
export const DOCUMENT_OUTPUT = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'digest', 'version', 'media_type', 'size'],
  properties: {
    name: { type: 'string', description: 'Its name.' },
    digest: { type: 'string', description: 'sha256 (hex) of its bytes.' },
    version: { type: 'integer', description: 'Counted from 1.' },
    media_type: { type: 'string', description: 'text/markdown, text/plain, text/html or text/calendar.' },
    size: { type: 'integer', description: 'Bytes.' },
  },
} as const
