import { defineAction } from '../../contract.ts'
import { canonical, sha256 } from '../../digest.ts'
import { compiled, tried } from '../../documents/late.ts'
import { DOCUMENT_NAME, DOCUMENT_OUTPUT } from '../../documents/name.ts'
import { around, currentDocument, nextVersion, store, withdraw, type Current } from '../../documents/store.ts'
import { OnboardError } from '../../errors.ts'
import type { Change, JsonObject } from '../../model.ts'

interface Seen {
  readonly current: Current | null
  /** Digest of template and data as they are now. */
  readonly made_from: string
}

interface DocumentChange extends Change {
  readonly name: string
  readonly template: string
  readonly data: JsonObject
  readonly made_from: string
  /** Version that holds before. */
  readonly version: number | null
}

/**
 * A document from a template; everything that it shows comes from `data`.
 * The same data and template: the same document.
 */
export default defineAction({
  title: 'Writes a document from a template and data, and keeps it with the digests of what it was made from.',
  example: { template: 'escalation-and-contacts', data: { customer: '${{ onboarding.company }}' } },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['template', 'data'],
    properties: {
      template: { type: 'string', minLength: 1, description: 'Name of the template: onboard document templates.' },
      name: { ...DOCUMENT_NAME, description: "Name of the document; default: the template's." },
      data: { type: 'object', description: 'What the template shows, by name: onboard document template NAME.' },
    },
  },
  output: DOCUMENT_OUTPUT,
  where: 'database',
  owns: (input) => [`document/${input.name ?? input.template}`],

  async check(read, input): Promise<Seen> {
    const file = await read.template(input.template)
    const current = await currentDocument(read, read.onboarding.id, input.name ?? input.template)
    const made_from = sha256(canonical({ path: file.path, template: file.digest, data: input.data }))
    // What was written of the very same was tried then.
    if (current?.made_from !== made_from) await tried(file, input.data)
    return { current, made_from }
  },

  plan(input, { current, made_from }): DocumentChange | null {
    if (current?.made_from === made_from) return null
    const name = input.name ?? input.template
    return {
      target: `document ${name}`,
      before: current === null ? null : { made_from: current.made_from.slice(0, 12) },
      after: { made_from: made_from.slice(0, 12) },
      name, template: input.template, data: input.data, made_from, version: current?.version ?? null,
    }
  },

  async apply(write, change) {
    const { id } = write.onboarding
    const { name, data, made_from } = change
    const current = await currentDocument(write, id, name)
    if ((current?.version ?? null) !== change.version) {
      throw new OnboardError(
        'conflict', 'document-moved', `the document ${name} was written by somebody else meanwhile`,
      )
    }
    const file = await write.template(change.template)
    const { date, runbook, journal, sources } = await around(write)
    const version = await nextVersion(write, id, name)
    const facts = { name, version, date, runbook, journal }
    const { title, media_type, text } = (await compiled(file)).render(data, facts)
    await store(write, version, Buffer.from(text), {
      name, title, media_type, made_from, template: change.template, data, facts,
      sources: [
        { kind: 'template', path: file.path, digest: file.digest }, { kind: 'data', digest: sha256(canonical(data)) },
        ...sources,
      ],
    })
  },

  outputs: (input, { current }) => ({
    name: input.name ?? input.template,
    digest: current?.digest ?? '',
    version: current?.version ?? 0,
    media_type: current?.media_type ?? '',
    size: current?.size ?? 0,
  }),

  undo: async (write, change, after) => {
    if (after.current !== null) await withdraw(write, change.name, after.current.version)
  },
})
