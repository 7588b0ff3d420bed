import { shippedSchema } from '../input/shipped.ts'
import type { Json, JsonObject, Schema } from '../model.ts'
import type { Config } from './config.ts'

/** Answers so far by dotted field, `contacts.primary.email`; null: left open. */
export type Answers = Readonly<Record<string, Json>>

/** One question of the handoff. */
export interface IntakeQuestion {
  /** Dotted name of the field that it fills. */
  readonly field: string
  /** What the field is, in the words of its schema. */
  readonly text: string
  /** yes: true or false. list: several texts. pairs: several objects, of these keys. */
  readonly kind: 'text' | 'number' | 'yes' | 'choice' | 'list' | 'pairs'
  readonly choices: readonly string[]
  readonly keys: readonly string[]
  /** It may be left open. */
  readonly optional: boolean
  /** What is offered. */
  readonly fallback: Json
}

/** Whether there is a discovery yet; its fields are asked for only then. */
export const DISCOVERY = 'discovery'

const is = (field: string, value: Json) => (answers: Answers) => answers[field] === value
const named = (contact: string) => (answers: Answers) => typeof answers[`contacts.${contact}.name`] === 'string'
const OTHERS = ['executive_sponsor', 'technical_lead', 'it_admin', 'primary_user']

/** When a field is asked for at all, by its beginning; the others always are. */
const APPLIES: Readonly<Record<string, (answers: Answers) => boolean>> = {
  'commercial.limits': is('commercial.plan', 'custom'),
  'technical.sso.provider': is('technical.sso.required', true),
  'technical.sso.idp': is('technical.sso.required', true),
  'technical.sso.test_user': is('technical.sso.required', true),
  'technical.scim.groups': is('technical.scim.required', true),
  'compliance.residency_other': is('compliance.residency', 'other'),
  'external.account_id': (answers) => typeof answers['external.crm'] === 'string',
  ...Object.fromEntries(
    OTHERS.flatMap((one) => ['email', 'phone'].map((part) => [`contacts.${one}.${part}`, named(one)])),
  ),
  'discovery.': is(DISCOVERY, true),
}

/** Left to what it is derived from; the file says how to set it. */
const DERIVED = ['admin', 'technical.session']
/** Needed wherever they are asked for. */
const NEEDED = [
  /^commercial\.limits\./, /^technical\.sso\.(provider|idp)$/, /^compliance\.residency_other$/,
  /^contacts\.[a-z_]+\.email$/,
]

/** The questions that apply, in the order of the schema, given the answers so far. */
export function intakeQuestions(answers: Answers, config: Config): IntakeQuestion[] {
  const applies = (field: string) => (
    Object.entries(APPLIES).every(([beginning, holds]) => !field.startsWith(beginning) || holds(answers))
  )
  return leaves(handoffSchema(), '', true)
    .filter(({ field }) => applies(field) && !DERIVED.some((one) => field === one || field.startsWith(`${one}.`)))
    .map((question) => offered(question, config))
}

function offered(question: IntakeQuestion, config: Config): IntakeQuestion {
  if (question.field === 'commercial.sla') return { ...question, kind: 'choice', choices: Object.keys(config.sla) }
  if (question.field === 'company.timezone') return { ...question, fallback: config.time_zone }
  return question
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

interface LeafSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly items?: Schema
}

function leaves(schema: Schema, field: string, required: boolean): IntakeQuestion[] {
  const { properties, required: must = [] } = schema as ObjectSchema
  if (properties === undefined) return [leaf(schema, field, required)]
  const inside = Object.entries(properties).flatMap(([name, part]) => {
    const path = field === '' ? name : `${field}.${name}`
    return leaves(meant(part), path, must.includes(name) && (required || path.startsWith('discovery')))
  })
  if (field !== DISCOVERY) return inside
  const gate = 'Whether the technical discovery is done; what it found is asked for then.'
  return [{ field, text: gate, kind: 'yes', choices: [], keys: [], optional: false, fallback: null }, ...inside]
}

function leaf(schema: Schema, field: string, required: boolean): IntakeQuestion {
  const { type, enum: choices, items } = schema as LeafSchema
  const pairs = Object.keys((items?.['properties'] as object | undefined) ?? {})
  const optional = Array.isArray(type) || (!required && !NEEDED.some((one) => one.test(field)))
  const kind = kindOf(type, choices, pairs)
  return { field, text: textOf(schema), kind, choices: choices ?? [], keys: pairs, optional, fallback: null }
}

function kindOf(
  type: LeafSchema['type'], choices: LeafSchema['enum'], pairs: readonly string[],
): IntakeQuestion['kind'] {
  if (choices) return 'choice'
  if (type === 'boolean') return 'yes'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'array') return pairs.length > 0 ? 'pairs' : 'list'
  return 'text'
}

/** What a reference leads to; of people who may be one or several, one. */
function meant(schema: Schema): Schema {
  const name = /^#\/definitions\/(\w+)$/.exec(String(schema['$ref']))?.[1]
  const { definitions } = handoffSchema() as { definitions: Record<string, Schema> }
  const found = name === undefined ? schema : (definitions[name] ?? schema)
  return found['else'] === undefined ? found : meant(found['else'] as Schema)
}

function handoffSchema(): Schema {
  return shippedSchema('handoff')
}

function textOf(schema: Schema): string {
  return String(schema['description'] ?? '')
}

/** The handoff that answers make. */
export function handoffOf(answers: Answers): JsonObject {
  const handoff: Record<string, Json> = {}
  for (const [field, value] of Object.entries(answers)) {
    if (field === DISCOVERY || (value === null && field !== 'discovery.network.proxy')) continue
    let at = handoff
    const path = field.split('.')
    for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string, Json>
    at[path.at(-1) ?? ''] = value
  }
  return handoff
}

/** Only the answers to questions that apply: what an answer made superfluous is left out. */
export function applying(answers: Answers, config: Config): Answers {
  const fields = new Set(intakeQuestions(answers, config).map(({ field }) => field))
  return Object.fromEntries(Object.entries(answers).filter(([field]) => fields.has(field)))
}
