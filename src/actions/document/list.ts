import { defineProbe } from '../../contract.ts'
import { listDocuments } from '../../documents/inspect.ts'
import type { Evidence } from '../../model.ts'

const DOCUMENT = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'title', 'version', 'digest'],
  properties: {
    name: { type: 'string' },
    title: { type: 'string' },
    version: { type: 'integer' },
    digest: { type: 'string', description: 'sha256 (hex) of its bytes.' },
  },
} as const

/** What was written so far, for a document that lists documents. */
export default defineProbe({
  title: 'Lists the documents that were written for this onboarding, with version and digest.',
  example: { except: ['documentation-package'] },
  input: {
    type: 'object',
    additionalProperties: false,
    required: [],
    properties: {
      except: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Names that are left out, such as the list itself; one that ends with * stands for all that begin so.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['documents'],
    properties: { documents: { type: 'array', items: DOCUMENT, description: 'The versions that hold, by name.' } },
  },
  touches: 'nothing',
  max_age_ms: 60_000,

  async probe(read, { except = [] }): Promise<Evidence> {
    const held = await listDocuments(read, read.onboarding.id, false)
    const documents = held
      .filter(({ name }) => !except.some((pattern) => isMeant(pattern, name)))
      .map(({ name, title, version, digest }) => ({ name, title, version, digest }))
    return { result: 'pass', summary: `${documents.length} documents`, data: { documents } }
  },

  outputs: (_input, evidence) => (evidence.result === 'pass' ? evidence.data : { documents: [] }) as never,
})

/** Is this the name, or does it begin as a name that ends with * does? */
function isMeant(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
