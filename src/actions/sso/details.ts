import { defineAsk } from '../../contract.ts'
import type { Answer, Json, JsonObject, Question } from '../../model.ts'
import { AGREED, MAPPING, OIDC_IDP, SAML_IDP, SAMPLE, USUAL, wrongAgreed, wrongOidc, wrongSaml } from './_details.ts'

const orNull = (schema: { readonly type: string }) => ({ ...schema, type: [schema.type, 'null'] })
const answeredBy = {
  type: 'object', additionalProperties: false, required: ['name', 'email'],
  properties: { name: { type: 'string' }, email: { type: 'string' } }, description: 'Who handed it in.',
} as const

const outputsWith = (idp: object) => ({
  type: 'object',
  additionalProperties: false,
  required: ['idp', 'mapping', 'sample', 'agreed', 'answered_by'],
  properties: {
    idp,
    mapping: { ...orNull(MAPPING), description: 'Which attributes are what, where it was said with it.' },
    sample: { ...orNull(SAMPLE), description: 'What the identity provider sends of one person, where it was given.' },
    agreed: {
      ...AGREED, description: 'Clock skew, accounts at the first login, logins that begin at the identity provider.',
    },
    answered_by: answeredBy,
  },
})

const COMMANDS = {
  saml: 'onboard sso CUSTOMER --metadata FILE',
  oidc: 'onboard sso CUSTOMER --issuer URL --client-id ID --client-secret-file FILE',
} as const

/** What the customer's identity provider publishes: read and judged by `onboard sso`, which answers with it. */
export default defineAsk({
  title: "Waits for what the customer's identity provider publishes: SAML metadata, or issuer and client.",
  example: { protocol: 'saml', idp: 'okta' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['protocol'],
    properties: {
      protocol: { type: 'string', enum: ['saml', 'oidc'] },
      idp: { type: 'string', description: 'What it is called: okta.' },
      from: {
        type: 'array', items: { type: 'string' },
        description: "Roles of which one person hands it in; default: the step's owners.",
      },
    },
  },
  output: outputsWith({ type: 'object' }) as { readonly type: 'object' },
  outputFor: ({ protocol }) => outputsWith(protocol === 'oidc' ? OIDC_IDP : SAML_IDP),

  ask: ({ protocol, idp, from }): Question => ({
    text: protocol === 'oidc'
      ? `Hand in the issuer and our client at the customer's OpenID provider (${idp ?? 'not named'}).`
      : `Hand in the SAML metadata of the customer's identity provider (${idp ?? 'not named'}): a file or its address.`,
    from: from ?? [], evidence: 'required', command: COMMANDS[protocol], fields: FIELDS[protocol],
  }),

  accept(question: Question, answer: Answer) {
    if (question.from.length > 0 && !question.from.includes(answer.role)) {
      return { missing: `somebody in the role ${question.from.join(' or ')} must hand it in, not ${answer.role}` }
    }
    if (answer.evidence.length === 0) return { missing: 'what was handed in is missing' }
    const {
      idp, mapping = null, sample = null, agreed = {},
    } = (answer.values ?? {}) as { readonly [name: string]: Json }
    const isSaml = question.command === COMMANDS.saml
    const wrong = (isSaml ? wrongSaml(idp) : wrongOidc(idp)) ?? wrongAgreed(agreed, isSaml)
    if (wrong !== null) return { missing: `${wrong}: ${(question.command ?? '').replace('CUSTOMER', '…')} reads it` }
    return {
      idp,
      mapping,
      sample,
      agreed: { ...USUAL, ...(agreed as JsonObject) },
      answered_by: { name: answer.signer.name, email: answer.signer.email },
    } as never
  },
})

const field = (title: string): JsonObject => ({ title, type: 'lines' })
const common = {
  agreed: field('What is agreed upon besides'),
  mapping: field('Which attributes are address, name and role'),
  sample: field('What is sent of one person'),
}
const FIELDS = {
  saml: { idp: field('What its metadata says'), ...common },
  oidc: { idp: field('Its issuer, and our client there'), ...common },
} as const
